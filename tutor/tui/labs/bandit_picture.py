"""The regret of a bandit's game as a chart."""

from tutor.charts.chart import Chart, Series
from tutor.tui.labs.bandit_session import BanditSession


def chart(session: BanditSession) -> Chart:
    """Regret after every pull: a straight line learns nothing, a curve that lies down has found the best arm."""
    regrets = session.regrets()
    series = (
        (Series("", range(regrets.size), regrets, quantity="advantage", style="steps"),) if session.t else ()
    )
    return Chart(
        title="regret in all",
        x_label="pulls",
        series=series,
        empty="What is lost against the best arm adds up here, pull by pull.",
    )
