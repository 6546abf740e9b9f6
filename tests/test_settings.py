"""Settings: what is written is read, and a broken file never stops the tutor."""

from pathlib import Path

import pytest

from tutor import settings
from tutor.settings import Settings


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    chosen = Settings(theme="light", symbols="ascii", motion=False, plot_rate=2)
    settings.save(chosen, tmp_path / "new" / "settings.toml")
    assert settings.load(tmp_path / "new" / "settings.toml") == (chosen, [])


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "none.toml") == (Settings(), [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("theme = 'mauve'", "theme is 'mauve'; it may be one of dark, light"),
        ("plot_rate = true", "plot_rate is True; it may be one of 1, 2, 4, 8"),
        ("motion = 1", "motion is 1"),
        ("colour = 3", "unknown setting 'colour'"),
        ("theme = ", "not readable as settings"),
        ("\x00\xff", "not readable as settings"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_holds(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode("latin-1"))
    loaded, problems = settings.load(path)
    assert loaded == Settings()
    assert len(problems) == 1
    assert says in problems[0]
    assert str(path) in problems[0]


def test_good_lines_beside_a_bad_one_are_used(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = 'light'\nplot_rate = 99\n")
    assert settings.load(path)[0] == Settings(theme="light")


def test_every_setting_has_a_sentence_and_a_valid_default() -> None:
    for name, field in settings.fields().items():
        assert field.metadata["sentence"].endswith(".")
        assert getattr(Settings(), name) in field.metadata["choices"]
