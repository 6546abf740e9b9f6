"""What the toy language model says of a sample's action, where that model is installed."""

from tutor.tui.labs.clip_session import Point


def offers(point: Point) -> bool:
    """Whether the model can be asked: the sample has a prompt and a token."""
    return bool(point.prompt and point.token)


def probability(point: Point) -> float:
    """pi(token | prompt, the words of the answer before it) of the shipped model.

    Raises ValueError with a sentence for people: unknown words, or a model that cannot be read.
    """
    try:
        from tutor.toy_llm import figures
        from tutor.toy_llm.checkpoint import CheckpointError, load_model
    except ImportError as error:
        raise ValueError(f"the toy model is not installed here: {error}") from error
    try:
        return figures.probability(load_model(), point.prompt, point.token)
    except CheckpointError as error:
        raise ValueError(str(error)) from error
