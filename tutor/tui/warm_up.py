"""What the first lesson and question will need, imported while the learner looks at Home.

A thread that only imports, and reads one formula and one line of Markdown: it touches no widget, and nothing heavy
(numpy, plotext, torch) is among it.
"""

import gc
from importlib import import_module
from threading import Thread

MODULES = (
    "tutor.tui.screens.lesson",
    "tutor.tui.widgets.question_choice",
    "tutor.tui.widgets.question_typed",
    "tutor.course.grading",
    "tutor.maths",
)


def warm_up() -> Thread:
    """Start it; the caller need not wait."""
    thread = Thread(target=_import_all, daemon=True, name="warm-up")
    thread.start()
    return thread


def _import_all() -> None:
    for module in MODULES:
        import_module(module)
    from tutor.course.outline import markdown_parser
    from tutor.maths import render_inline

    render_inline(r"\gamma^k")
    markdown_parser().parse("one *line*")
    gc.freeze()  # what has been imported stays: no collection need look at it
