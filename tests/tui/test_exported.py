"""Exports of a learner who has no files here: what lies where, what is empty, and how it is copied."""

from pathlib import Path

import pytest

from tutor.tui.exported import MOST_COPIED, ExportedScreen

from .harness import make_app, write_course


def _text(screen: ExportedScreen) -> str:
    return "\n".join(line.plain for line in screen.paragraphs)


def _written(folder: Path, **texts: str) -> list[Path]:
    files = [folder / name.replace("_", ".") for name in texts]
    for path, text in zip(files, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return files


def test_it_says_what_lies_where_and_what_is_empty(tmp_path: Path) -> None:
    files = _written(tmp_path, steps_csv="t,action\n", all_csv="a\n1\n", words_txt="", plot_svg="<svg/>")
    text = _text(ExportedScreen(files))
    assert f"4 files in your folder {tmp_path.name}." in text
    assert "1 to 3 copies a text" in text
    assert "with your teacher alone: plot.svg" in text
    heads = text.split("\n\n")[1:]
    assert [("empty:" in head) for head in heads] == [True, False, True]


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_a_number_copies_the_whole_text(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "\n".join(map(str, range(1000)))
    files = _written(tmp_path, a_csv="a\n1\n", b_csv=long, c_txt="x" * (MOST_COPIED + 1))
    app, copied = make_app(write_course(tmp_path / "course")), [""]
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=size) as pilot:
        app.push_screen(ExportedScreen(files))
        await pilot.pause()
        await pilot.press("2")
        assert copied[-1] == long  # though fewer lines are shown
        await pilot.press("3", "4")
        assert copied[-1] == long
        await pilot.press("1")
        assert copied[-1] == "a\n1\n"
        await pilot.press("escape")
        assert not isinstance(app.screen, ExportedScreen)
    app.close_store()
