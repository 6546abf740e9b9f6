"""Parameters: what they accept, and what they say when they do not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.experiments.parameters import Parameter, ParameterError, resolve

GAMMA = Parameter("gamma", "float", 0.99, "Discount.", low=0, high=1)
SEEDS = Parameter("seeds", "int", 1, "How many.", low=1, high=1000)
GRID = Parameter("grid", "choice", "mouse", "The map.", choices=("mouse", "rooms"))
NOTE = Parameter("note", "text", "", "Anything.")
FLAG = Parameter("clip", "flag", True, "Whether to clip.")


@pytest.mark.parametrize(
    ("parameter", "raw", "value"),
    [
        (GAMMA, 0.5, 0.5),
        (GAMMA, "0.5", 0.5),
        (GAMMA, 1, 1.0),
        (SEEDS, 20, 20),
        (SEEDS, "20", 20),
        (SEEDS, 20.0, 20),
        (GRID, "rooms", "rooms"),
        (NOTE, "hello", "hello"),
        (FLAG, False, False),
        (FLAG, "Yes", True),
        (FLAG, "off", False),
        (FLAG, 1, True),
    ],
)
def test_accepted(parameter, raw, value):
    parsed = parameter.parse(raw)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("parameter", "raw", "message"),
    [
        (GAMMA, 1.5, "gamma is '1.5'; it must be a number between 0 and 1"),
        (GAMMA, -0.1, "gamma is '-0.1'; it must be a number between 0 and 1"),
        (GAMMA, math.nan, "gamma is 'nan'; it must be a number between 0 and 1"),
        (GAMMA, "much", "gamma is 'much'; it must be a number between 0 and 1"),
        (GAMMA, True, "gamma is 'True'; it must be a number between 0 and 1"),
        (GAMMA, None, "gamma is 'None'; it must be a number between 0 and 1"),
        (GAMMA, [0.5], "gamma is '[0.5]'; it must be a number between 0 and 1"),
        (SEEDS, 0, "seeds is '0'; it must be a whole number between 1 and 1000"),
        (SEEDS, 10**9, "seeds is '1000000000'; it must be a whole number between 1 and 1000"),
        (SEEDS, 2.5, "seeds is '2.5'; it must be a whole number between 1 and 1000"),
        (SEEDS, math.inf, "seeds is 'inf'; it must be a whole number between 1 and 1000"),
        (GRID, "Rooms", "grid is 'Rooms'; it must be one of mouse, rooms; did you mean 'rooms'?"),
        (GRID, 3, "grid is '3'; it must be one of mouse, rooms"),
        (FLAG, "perhaps", "clip is 'perhaps'; it must be true or false"),
        (NOTE, 3, "note is '3'; it must be text"),
    ],
)
def test_refused(parameter, raw, message):
    with pytest.raises(ParameterError) as caught:
        parameter.parse(raw)
    assert str(caught.value) == message


def test_half_open_ranges_are_said_in_words():
    assert Parameter("n", "int", 1, "", low=1).allowed() == "a whole number of at least 1"
    assert Parameter("x", "float", 1.0, "", high=2.5).allowed() == "a number of at most 2.5"
    assert Parameter("x", "float", 1.0, "").allowed() == "a number"


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_anything_is_parsed_or_refused_in_one_line(raw):
    for parameter in (GAMMA, SEEDS, GRID, FLAG):
        try:
            value = parameter.parse(raw)
        except ParameterError as error:
            message = str(error)
        else:
            message = f"{parameter.name} is fine"
            assert parameter.parse(value) == value
        assert message.startswith(f"{parameter.name} is ")
        assert len(message.splitlines()) == 1


def test_resolve_fills_in_defaults_in_order():
    assert list(resolve((GAMMA, GRID), {"grid": "rooms"}).items()) == [("gamma", 0.99), ("grid", "rooms")]


def test_resolve_names_what_it_does_not_know():
    with pytest.raises(ParameterError, match="unknown parameter 'gama'; the parameters are: gamma, grid"):
        resolve((GAMMA, GRID), {"gama": 0.9})
    with pytest.raises(ParameterError, match="the parameters are: none"):
        resolve((), {"gamma": 0.9})
