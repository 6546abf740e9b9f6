"""Where a run of the policy-gradient lab stands, and what one step of an episode does. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tutor.experiments import Value
from tutor.rl.policy_gradient_frames import Inside, PolicyGradientFrame, PolicyGradientState, Samples
from tutor.tui.labs.value_map import Array


@dataclass(frozen=True)
class Curve:
    """returns: G_0 of every episode. true: J, exact, before the first update and after each."""

    returns: tuple[float, ...] = ()
    true: tuple[float, ...] = ()


@dataclass(frozen=True)
class Known:
    """Where the run stands. frame: of the last update (0: none yet), of `method` and with the parameters `how`; before:
    the state that it started from. others: the curves of the methods that ran before this one from the same seed."""

    method: str
    frame: PolicyGradientFrame
    how: Mapping[str, Value]
    curve: Curve
    before: PolicyGradientState | None = None
    others: Mapping[str, Curve] = field(default_factory=dict)

    @property
    def inside(self) -> Inside:
        """Every number of the last update. Raises ValueError before the first."""
        if self.frame.inside is None:
            raise ValueError("no episode has been walked yet")
        return self.frame.inside

    @property
    def samples(self) -> Samples:
        """The episode's steps. Raises ValueError before the first."""
        return self.inside.samples

    @property
    def steps(self) -> int:
        return len(self.samples) if self.frame.inside else 0


@dataclass(frozen=True)
class Push:
    """What step t does to the logits of its state, all arrays [A].

    score: the gradient of log pi(a | s) with respect to them. scale: alpha / n times the advantage. visits: how many
    of the episode's steps were taken in this state; change: what all of them came to.
    """

    score: Array
    scale: float
    visits: int
    change: Array

    @property
    def part(self) -> Array:
        """This step's share of the change."""
        return self.scale * self.score
