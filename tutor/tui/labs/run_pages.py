"""What stands on the pages over a lab of runs: what the rules see in the curves, and where these come from."""

from textual.content import Content

from tutor.experiments.explain import Finding, explain, rules_for
from tutor.tui.labs import run_words as words
from tutor.tui.labs.run_session import RunSession


def findings(session: RunSession, metric: str) -> list[Finding]:
    """What the rules see in the frames so far. metric: what they speak of where that is not the return."""
    from tutor.experiments.summary import optimum_of

    values = session.values()
    return explain(
        tuple(session.frames),
        rules_for(session.experiment.id),
        optimum=optimum_of(session.experiment, values),
        problem=session.problem if session.state == "failed" else "",
        metric=metric,
        parameters=values,
    )


def of_recording(session: RunSession) -> list[Content]:
    """Where the frames come from, when that is a recording that can be read."""
    from tutor.experiments.recordings import RecordingError, read_recording

    recorded = session.recorded
    try:
        found = None if recorded is None else read_recording(recorded)
    except RecordingError:  # the lab says it
        return []
    if recorded is None or found is None:
        return []
    return [Content(words.of_recording(recorded, found.version, found.torch))]
