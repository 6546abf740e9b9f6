"""What learners did: an append-only log of events, and everything else derived from it.

Importing this package is light; the database library is imported when a store first writes.
"""

from typing import TYPE_CHECKING, Any

from tutor.progress.errors import ProgressError
from tutor.progress.events import Event
from tutor.progress.state import LessonProgress, Progress, QuestionProgress, derive

if TYPE_CHECKING:
    from tutor.progress.exchange import Export, ImportResult, export_file, export_json, import_json
    from tutor.progress.patient import open_patiently
    from tutor.progress.store import ProgressStore, open_store

__all__ = [
    "Event",
    "Export",
    "ImportResult",
    "LessonProgress",
    "Progress",
    "ProgressError",
    "ProgressStore",
    "QuestionProgress",
    "derive",
    "export_file",
    "export_json",
    "import_json",
    "open_patiently",
    "open_store",
]

_HOMES = {
    "ProgressStore": "store",
    "open_store": "store",
    "open_patiently": "patient",
    "Export": "exchange",
    "ImportResult": "exchange",
    "export_file": "exchange",
    "export_json": "exchange",
    "import_json": "exchange",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
