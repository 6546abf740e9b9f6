"""`metric(…)` in a lesson: running the experiment it names. Numpy comes in here, when a number is asked for."""

from collections.abc import Callable, Mapping

from tutor.course.types import Question


def run_metric(*arguments: object) -> float:
    """The value behind `metric("experiment", {parameters}, "series", "name", update)`: the mean over its seeds.

    Runs are kept, so that asking again costs nothing. Raises LookupError or ValueError with what is wrong.
    """
    from tutor.experiments import cached_frames, metric_value

    if len(arguments) != 5:
        raise ValueError('there is no run here; write metric("experiment", {…}, "series", "name", update)')
    experiment, parameters, series, name, update = arguments
    if not isinstance(parameters, Mapping):
        raise ValueError("the parameters must be written {…}")
    frames = cached_frames(str(experiment), parameters)
    return metric_value(frames, str(series), str(name), update if isinstance(update, int) else "last")


def question_metrics(question: Question, own: Callable[..., float] | None) -> Callable[..., float]:
    """What `metric` means inside `question`: the short form asks `own`, or else the question's own experiment."""

    def ask(*arguments: object) -> float:
        if len(arguments) == 5:
            return run_metric(*arguments)
        if own is not None:
            return own(*arguments)
        if not question.experiment:
            return run_metric(*arguments)
        return run_metric(question.experiment, question.set, *arguments)

    return ask
