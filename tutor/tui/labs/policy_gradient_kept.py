"""The state of a policy gradient's run and its curves as JSON, and back."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from tutor.rl.policy_gradient_frames import PolicyGradientState
from tutor.tui.labs.policy_gradient_update import Curve


def kept(state: PolicyGradientState) -> dict[str, Any]:
    """JSON-able."""
    values = ((field.name, getattr(state, field.name)) for field in fields(state))
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values}


def found(kept: Mapping[str, Any], pattern: PolicyGradientState) -> PolicyGradientState:
    """What `kept` says, its arrays as in `pattern`. Raises one of DAMAGED where it makes no sense."""
    arrays = {
        field.name: _like(kept[field.name], getattr(pattern, field.name))
        for field in fields(pattern)
        if isinstance(getattr(pattern, field.name), np.ndarray)
    }
    update, steps_taken = int(kept["update"]), int(kept["steps_taken"])
    n_states = pattern.values.shape[1]
    if (
        update < 0
        or steps_taken < 0
        or not (arrays["states"] < n_states).all()
        or (arrays["states"] < 0).any()
    ):
        raise ValueError("not the state of a run on this grid")
    np.random.default_rng(0).bit_generator.state = dict(kept["rng_state"])  # raises where it is none
    return replace(
        pattern, update=update, steps_taken=steps_taken, rng_state=dict(kept["rng_state"]), **arrays
    )


def _like(value: object, pattern: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    array = np.array(value, dtype=pattern.dtype)
    if array.shape != pattern.shape or not np.isfinite(array).all():
        raise ValueError("not an array of this run")
    return array


def curve_of(pair: Any, most: int) -> Curve:
    """At most `most` episodes of what was kept as a pair of lists. Raises ValueError or TypeError."""
    returns, true = (tuple(float(number) for number in numbers) for numbers in pair)
    if len(true) != len(returns) + 1 or len(true) > most + 1 or not np.isfinite((*returns, *true)).all():
        raise ValueError("not a curve")
    return Curve(returns, true)
