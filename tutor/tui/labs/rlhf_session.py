"""The three stages of RLHF: a run each, of which one goes on at a time, in one process. Knows no screen."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tutor.experiments import LabDescription, Value, find_experiment
from tutor.experiments.llm_parameters import RLHF_LAB
from tutor.tui.labs.run_kept import Runs
from tutor.tui.labs.run_session import RunSession

EXPERIMENT = {"sft": "sft", "reward-model": "reward-model", "ppo": "rlhf"}
STAGES = tuple(EXPERIMENT)
TITLE = {"sft": "SFT", "reward-model": "reward model", "ppo": "PPO"}
# By stage: the experiment's parameter -> the lab's.
_OWN: Mapping[str, Mapping[str, str]] = {
    "sft": {"updates": "sft_updates"},
    "reward-model": {"picks": "picks"},
    "ppo": {name: name for name in (*(parameter.name for parameter in RLHF_LAB), "picks")},
}
_ALWAYS: Mapping[str, Mapping[str, Value]] = {"ppo": {"inside": True}}
_STAGE = {experiment: stage for stage, experiment in EXPERIMENT.items()}


class StageSession(RunSession):
    """The run of one stage; its parameters are the whole lab's."""

    @property
    def stage(self) -> str:
        return _STAGE[self.experiment.id]

    @property
    def series_name(self) -> str:
        """The one series that it has."""
        return self.experiment.series[0]

    @property
    def total(self) -> int:
        """The last update."""
        return self.experiment.updates(self.experiment.values(self.values())) or 0

    @property
    def over(self) -> bool:
        """Whether all its updates are there."""
        return self.reached >= self.total

    def values(self) -> dict[str, Value]:
        own = {name: self.parameters[given] for name, given in _OWN[self.stage].items()}
        return {**own, **_ALWAYS.get(self.stage, {})}

    def made_of(self) -> set[str]:
        return set(_OWN[self.stage].values())

    def follow(self, values: Mapping[str, Value]) -> None:
        """Take parameters that were changed elsewhere; the run stands at its beginning where it is another."""
        other = any(self.parameters[name] != values[name] for name in ("seed", *self.made_of()))
        self.parameters.update(values)
        if other:
            self.reset()


class Stages:
    """The sessions by stage. picks: the learner's, used or not yet."""

    def __init__(
        self,
        lab: LabDescription,
        parameters: Mapping[str, Value],
        start: Callable[[], Runs],
        changed: Callable[[], None],
        state: object = None,
    ) -> None:
        """state: what `to_state` gave; as far as it is damaged, it counts for nothing."""
        kept: Mapping[str, Any] = state if isinstance(state, Mapping) else {}
        runs = cache(start)  # one process for all stages: a run that begins ends the one before
        of_stage = kept.get("stages")
        self._sessions = {
            stage: StageSession(
                find_experiment(experiment), lab, parameters, runs, changed,
                of_stage.get(stage) if isinstance(of_stage, Mapping) else None,
            )
            for stage, experiment in EXPERIMENT.items()
        }  # fmt: skip
        picks = kept.get("picks")
        sound = isinstance(picks, str) and not set(picks) - {"L", "R"}
        self.picks = str(picks) if sound else str(parameters["picks"])
        first = kept.get("stage")
        self.stage = first if first in EXPERIMENT else str(parameters["stage"])

    @property
    def now(self) -> StageSession:
        return self._sessions[self.stage]

    @property
    def following(self) -> str | None:
        """The stage after the present one; None at the last."""
        place = STAGES.index(self.stage) + 1
        return STAGES[place] if place < len(STAGES) else None

    def of(self, stage: str) -> StageSession:
        return self._sessions[stage]

    def enter(self, stage: str, changes: Mapping[str, Value]) -> StageSession:
        """Leave the present stage where it stands, and take up another with the parameters as they are now: anew, where
        its frames followed from others."""
        left = self.now
        left.pause()
        left.take()
        self.stage = stage
        self.now.follow({**left.parameters, **changes, "stage": stage})
        self.now.open()
        return self.now

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()

    def to_state(self) -> dict[str, Any]:
        """JSON-able."""
        kept = {stage: session.to_state() for stage, session in self._sessions.items()}
        return {"stage": self.stage, "stages": kept, "picks": self.picks}
