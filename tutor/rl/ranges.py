"""Bad numbers are refused in one line that says which, and what it may be."""

from numbers import Integral

MOST_EPISODES = 100_000


def check_fraction(name: str, value: float) -> float:
    """A number in [0, 1]. Raises ValueError."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; it must be between 0 and 1")
    return value


def check_step_size(value: float) -> float:
    """A step size alpha, in (0, 1]. Raises ValueError."""
    if not 0 < value <= 1:
        raise ValueError(f"alpha is {value}; it must be above 0 and at most 1")
    return value


def check_count(name: str, value: int, most: int) -> int:
    """A whole number from 1 to `most`. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not 1 <= value <= most:
        raise ValueError(f"{name} is {value}; it must be a whole number between 1 and {most}")
    return int(value)


def check_seeds(n_generators: int) -> int:
    """How many seeds run. Raises ValueError when none does."""
    if n_generators < 1:
        raise ValueError("there are 0 seeds; at least one must run")
    return n_generators


def check_positive(name: str, value: float, most: float) -> float:
    """A number above 0 and at most `most`. Raises ValueError."""
    if not 0 < value <= most:  # false of nan
        raise ValueError(f"{name} is {value}; it must be above 0 and at most {most:g}")
    return value


def check_between(name: str, value: float, least: float, most: float) -> float:
    """A number in [least, most]. Raises ValueError."""
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; it must be between {least:g} and {most:g}")
    return value
