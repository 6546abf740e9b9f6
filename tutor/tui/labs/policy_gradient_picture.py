"""What the policies earn, episode by episode, as a chart."""

from tutor.charts.chart import Chart, Series
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession

NAMES = {
    "reinforce": "REINFORCE",
    "baseline": "baseline",
    "actor-critic": "actor-critic",
}  # short, for the legend
MOST_CURVES = 3
STYLES = {"reinforce": "dotted", "baseline": "dashed", "actor-critic": "line"}
COLOURS = {"reinforce": "return", "baseline": "state", "actor-critic": "advantage"}


def chart(session: PolicyGradientSession) -> Chart:
    """J, exact, of every method that ran from this seed; besides, where there is room for a third curve, the return of
    each episode of the present one as a point."""
    known = session.known
    curves = {known.method: known.curve, **known.others}
    series = [
        Series(
            NAMES[method],
            range(len(curve.true)),
            curve.true,
            quantity=COLOURS[method],  # type: ignore[arg-type]
            style=STYLES[method],  # type: ignore[arg-type]
        )
        for method, curve in curves.items()
        if curve.returns
    ]
    if known.curve.returns and len(series) < MOST_CURVES:
        episodes = range(1, len(known.curve.returns) + 1)
        points = Series(
            "return of an episode", episodes, known.curve.returns, quantity="reward", style="points"
        )
        series.insert(1, points)
    return Chart(
        title="J, exact",
        x_label="episode",
        series=series,
        empty="J and the return of every episode are drawn here: space.",
    )
