"""Draws README's picture anew from the running program: `python -m tests.pictures`."""

import asyncio
import os
import re
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


async def gridworld(path: Path) -> None:
    """A walk on the classic map: five steps by hand, one of them slipped, the plots beside it."""
    from tests.tui.harness import make_app
    from tutor import paths

    app = make_app(paths.lessons_dir())
    async with app.run_test(size=(80, 24)) as pilot:
        app.open_lab("gridworld", {"grid": "russell-norvig", "seed": 7})
        await pilot.pause()
        for key in ("up", "up", "right", "right", "right"):
            await pilot.press(key)
            await pilot.pause()
        picture = app.export_screenshot(title="rl-tutor")
    app.close_store()
    path.write_text(_without_web_fonts(picture), encoding="utf-8")


def _without_web_fonts(svg: str) -> str:
    """A picture that fetches nothing: the viewer's own monospaced font does."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return svg.replace("Fira Code, monospace", "ui-monospace, Menlo, DejaVu Sans Mono, Consolas, monospace")


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(RL_TUTOR_HOME=home, LC_ALL="C.UTF-8", TERM="xterm-256color")
        for name in ("NO_COLOR", "COLORTERM"):
            os.environ.pop(name, None)
        asyncio.run(gridworld(DOCS / "gridworld.svg"))
    print(f"drawn: {DOCS / 'gridworld.svg'}")


if __name__ == "__main__":
    main()
