"""Bad input in every lab's form and in every experiment: one line that names the value, as it was typed, and its range;
what has no value, and what diverges, is said and not drawn."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.experiments import ParameterError, catalogue, labs
from tutor.experiments.parameters import Parameter
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.control import Lab as Control
from tutor.tui.labs.prediction_runs import Lab as PredictionRuns
from tutor.tui.labs.prediction_session import PredictionSession
from tutor.tui.screens.parameters import ParametersScreen

from .fake_runs import FakeRuns
from .harness import SMALL, screen_text

GRIDS = {
    "..W+:+=1": "it has no start; put S in one cell",
    "S.S+:+=1": "it has 2 starts",
    "S.W+:+=1": "there is no way from S to +",
}
ENDLESS = {"gamma": 1, "slip": 0, "policy": "up", "grid": "russell-norvig"}
RUNS = (Control, PredictionRuns)


@asynccontextmanager
async def opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab: str, **given: Any
) -> AsyncIterator[tuple[Pilot[None], TutorApp]]:
    for run_lab in RUNS:
        monkeypatch.setattr(run_lab, "worker", FakeRuns)
    settings = Settings(motion=False, symbols="unicode")
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "p.db"), settings)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab(lab, given)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app
    app.close_store()


def wrong(parameter: Parameter) -> Iterator[str]:
    """What is out of a parameter's range, below it, above it, and no number at all."""
    yield from ("nan", "1e999", "")
    yield f"{parameter.low - 1:g}"
    yield f"{parameter.high * 10 + 1:.15g}"
    if parameter.kind == "int":
        yield "2.5"


def numbers(parameters: tuple[Parameter, ...]) -> list[Parameter]:
    return [parameter for parameter in parameters if parameter.kind in ("int", "float")]


@pytest.mark.parametrize("lab", labs())
async def test_the_form_refuses_every_wrong_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab: str
) -> None:
    async with opened(tmp_path, monkeypatch, lab) as (pilot, app):
        await pilot.press("o")
        form = app.screen
        assert isinstance(form, ParametersScreen)
        for parameter in numbers(labs()[lab].parameters):
            before = form.texts[parameter.name]
            optional = parameter.name in ("ratio", "old", "new")  # left out: worked out from the other two
            texts = [text for text in wrong(parameter) if text or not optional]
            for text in sorted(texts, key=len):
                form.row, form.texts[parameter.name], form.error = form.parameters.index(parameter), text, ""
                form.action_apply()
                assert app.screen is form, (parameter.name, text)
                assert form.error == f"{parameter.name} is {text!r}; it must be {parameter.allowed()}"
            form.error = ""
            await pilot.press("enter")  # the longest, by the key, as it is seen
            assert app.screen is form
            assert form.error.split(";")[0] in screen_text(app)
            assert f"{text!r}" in form.error
            form.texts[parameter.name] = before


@pytest.mark.parametrize("experiment", catalogue())
def test_every_experiment_refuses_every_wrong_number(experiment: str) -> None:
    for parameter in numbers(catalogue()[experiment].parameters):
        for text in wrong(parameter):
            with pytest.raises(
                ParameterError, match=f"^{parameter.name} is '{text}'; it must be a "
            ) as raised:
                catalogue()[experiment].values({parameter.name: text})
            assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "lab", [id for id, lab in labs().items() if "grid" in {p.name for p in lab.parameters}]
)
async def test_the_form_refuses_a_grid_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab: str
) -> None:
    async with opened(tmp_path, monkeypatch, lab) as (pilot, app):
        await pilot.press("o")
        form = app.screen
        assert isinstance(form, ParametersScreen)
        form.row = [p.name for p in form.parameters].index("grid")
        for line, fault in GRIDS.items():
            form._fresh = True
            form.on_paste(events.Paste(line))
            await pilot.press("enter")
            assert app.screen is form
            assert f"grid: the map: {fault}" in " ".join(screen_text(app).split())


async def test_a_refused_number_is_told_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, monkeypatch, "values") as (pilot, app):
        await pilot.press("o", "down", *"1,5", "enter")
        assert "gamma is '1,5'; it must be a number between 0 and 1" in screen_text(app)
        await pilot.press(*"0,5", "enter")
        assert "γ 0.5" in screen_text(app)


@pytest.mark.parametrize(
    ("lab", "also"),
    [("values", {}), ("planning", {"algorithm": "policy-evaluation"}), ("prediction", {})],
)
async def test_a_policy_that_never_ends_has_no_value_at_gamma_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab: str, also: dict[str, Any]
) -> None:
    async with opened(tmp_path, monkeypatch, lab, **ENDLESS, **also) as (pilot, app):
        shown = " ".join(screen_text(app).split())
        assert "at gamma = 1 a policy that never ends has no finite value" in shown
        assert "take gamma below 1, or a policy that reaches an end" in shown
        await pilot.press("space", "r", "e", "escape", "p", "escape", "u")
        assert "─●─" not in screen_text(app)  # no curve is drawn of it


async def test_a_run_of_such_a_policy_says_so(tmp_path: Path) -> None:
    from tutor.experiments import run

    with pytest.raises(ParameterError, match=r"gamma is 1, and on russell-norvig .* may never end"):
        list(run("mc-and-td", ENDLESS))


def test_values_that_leave_every_bound_stop_the_run_and_are_not_kept() -> None:
    given = {"grid": "mouse", "method": "td-lambda", "alpha": 1, "lambda": 0.9, "gamma": 1}
    lab = PredictionSession(PredictionSession.resolve(given))
    kept = lab.known
    while lab.finish():
        kept = lab.known
    assert lab.diverged.startswith("td-lambda diverged in update ")
    assert lab.over
    assert lab.known is kept
    assert abs(lab.known.td).max() < 1e9
    lab.set_parameters({"alpha": 0.1})
    assert not lab.over
    assert lab.finish()


async def test_a_diverged_lab_says_so_and_explains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"grid": "mouse", "method": "td-lambda", "alpha": 1, "lambda": 1, "gamma": 1}
    async with opened(tmp_path, monkeypatch, "prediction", **given) as (pilot, app):
        while "diverged" not in screen_text(app):
            await pilot.press("f")
            await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        assert "Nothing of that episode is kept or drawn." in " ".join(screen_text(app).split())
        await pilot.press("escape", "u")
        assert "diverged" not in screen_text(app)
