"""Prediction over many episodes: how far Monte Carlo and TD are from the true values, run in a process of its own."""

from collections.abc import Callable, Sequence
from typing import Any

from tutor.experiments import grid_title
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys

RMS = "value/rms_error"
NAMES = {"td": "TD(0)", "n-step": "n-step TD", "td-lambda": "TD(lambda)", "lambda-return": "lambda-return"}


class Lab(RunLab):
    """`[ ]` changes alpha; the prediction lab opens it with its own grid, policy and numbers."""

    BINDINGS = run_keys(
        *main("main", "alpha", "alpha, the step size, down or up"),
        key("draw"),
        unit="episode",
    )
    lab_id = "prediction-runs"
    experiment_id = "mc-and-td"
    length = "episodes"
    unit = "episode"
    metric = RMS
    plots = (
        Plot(RMS, "RMS error of V", "RMS error"),
        Plot("value/max_error", "largest error of V", "largest error"),
    )

    def title(self) -> str:
        p, glyphs = self.session.parameters, self.tutor.glyphs
        alpha, gamma = ("α", "γ") if glyphs.sub_digits else ("alpha", "gamma")
        method, grid = f"MC and {NAMES[str(p['method'])]}", grid_title(str(p["grid"]))
        first = [method, grid, f"{alpha} {p['alpha']:g}", self.seeds_told()]
        return glyphs.between.join([*first, f"policy {p['policy']}", f"{gamma} {p['gamma']:g}"])

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.rl.value_updates import lambda_return_kernel, monte_carlo_kernel, n_step_kernel, td_kernel

        return monte_carlo_kernel, td_kernel, n_step_kernel, lambda_return_kernel
