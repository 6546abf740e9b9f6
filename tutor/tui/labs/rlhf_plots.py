"""The plots of the RLHF lab: which a stage has, and those that are not a metric against the update."""

from dataclasses import replace

from tutor.charts.chart import Chart, Mark, Series, Shade
from tutor.experiments.kl_band import band_of
from tutor.tui.labs.rlhf_session import StageSession
from tutor.tui.labs.rlhf_watched import BEFORE, PROBABILITY, WORD, watched
from tutor.tui.labs.rlhf_words import truth_name
from tutor.tui.labs.run_curves import Plot

VIEWS = {
    "sft": ("loss", "probability"),
    "reward-model": ("loss", "accuracy"),
    "ppo": ("probability", "reward", "kl", "beta", "inside"),
}
P = f'P({WORD} | "{BEFORE}")'
KL, INSIDE = "objective/kl", "inside"
AIR = 0.05  # above and below the ratios


def plots(session: StageSession) -> tuple[Plot, Plot]:
    """The chosen one and the next."""
    return plot(session, _view(session)), plot(session, next_view(session))


def next_view(session: StageSession) -> str:
    """The one after the chosen view."""
    views = VIEWS[session.stage]
    return views[(views.index(_view(session)) + 1) % len(views)]


def _view(session: StageSession) -> str:
    """The chosen one, where the stage has it, else its first."""
    views, chosen = VIEWS[session.stage], str(session.parameters["view"])
    return chosen if chosen in views else views[0]


def plot(session: StageSession, view: str) -> Plot:
    """A view of the stage."""
    match view:
        case "loss" if session.stage == "sft":
            return _two("loss, nats a token", "loss/sft", "loss/sft_held_out", ("batch", "unseen"))
        case "loss":
            names = "loss/reward_model", "loss/reward_model_held_out"
            return _two("loss, nats a pair", *names, ("batch", "held out"))
        case "accuracy":
            names = "accuracy/reward_model", "accuracy/reward_model_held_out"
            return replace(_two("right pairs", *names, ("batch", "held out")), y_range=(0.4, 1.0))
        case "probability":
            return _one(f"{P} after each update", PROBABILITY)
        case "reward":
            truth = truth_name(session)
            return _two(f"score and {truth}", "objective/scores", "objective/gold", ("score", truth))
        case "kl":
            return _one("exact KL of an answer, nats", KL)
        case "inside":
            return _one("pi / pi_old inside an update", INSIDE)
    return _one("beta, the price of a nat", "beta")


def _one(title: str, metric: str) -> Plot:
    """A curve that needs no name."""
    return Plot(metric, title, lines=((metric, ""),))


def _two(title: str, first: str, second: str, names: tuple[str, str]) -> Plot:
    return Plot(first, title, lines=((first, names[0]), (second, names[1])))


def finished(session: StageSession, plot: Plot, chart: Chart) -> Chart:
    """The chart with what the frames' metrics do not say: the band of the KL, and the inside of an update."""
    if plot.metric == INSIDE:
        return _inside(session, chart)
    if plot.metric == KL and session.parameters["controller"] == "adaptive":
        low, high = band_of(float(session.parameters["target"]))
        return replace(chart, shades=(Shade(low, high, label=f"{low:.3g} to {high:.3g}"),))
    return chart


def _inside(session: StageSession, empty: Chart) -> Chart:
    """pi/pi_old of the watched word after each step of the optimiser, the range of the clip behind it."""
    now = watched(session)
    if now is None or not now.steps:
        return Chart(empty.title, empty="An update shows what it did to the ratio: space makes one.")
    low, high = 1 - now.epsilon, 1 + now.epsilon
    ratios = now.in_update
    return Chart(
        f"pi / pi_old inside update {now.update}",
        "step of Adam",
        series=(Series("", range(len(ratios)), ratios, quantity="policy"),),
        shades=(Shade(low, high, label=f"{low:.3g} to {high:.3g}"),),
        marks=(Mark(1.0, axis="y"),),
        y_range=(min(low, *ratios) - AIR, max(high, *ratios) + AIR),
    )
