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
        ("theme = " + "[" * 5000, "not readable as settings"),
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


def test_a_file_that_cannot_be_read_is_kept_when_a_new_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = mauve # mine")
    settings.save(Settings(theme="light"), path)
    assert settings.load(path) == (Settings(theme="light"), [])
    kept = [other for other in tmp_path.iterdir() if other != path]
    assert [other.read_text() for other in kept] == ["theme = mauve # mine"]
    assert kept[0].name.startswith("settings.toml.damaged-2")


def test_what_a_newer_tutor_set_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = 'light'\nspeech = true\n")
    settings.save(Settings(motion=False), path)
    assert "speech = true" in path.read_text()
    assert settings.load(path)[0] == Settings(motion=False)


def test_a_directory_in_its_place_is_said_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.mkdir()
    assert "not readable" in settings.load(path)[1][0]
    with pytest.raises(OSError, match="directory"):
        settings.save(Settings(), path)
    assert list(tmp_path.iterdir()) == [path]
