"""`{{ }}` in texts."""

import pytest

from tutor.course import ExpressionError, expand, needs_run
from tutor.course.expansion import check_format, format_number


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no numbers", "no numbers"),
        ("{{ 10 * 0.9 ** 5 | .2f }}", "5.90"),
        ("{{1/4}}", "0.25"),
        ("a {{ 1 }} b {{ 2 | d }} c", "a 1 b 2 c"),
        ("$0.9^5 = {{ 0.9 ** 5 | .4f }}$", "$0.9^5 = 0.5905$"),
        ("| {{ 1 / 3 | .2f }} | x |", "| 0.33 | x |"),
        ("{{ 2 ** 20 | ,d }}", "1,048,576"),
        ("{{ 0.125 | +.1% }}", "+12.5%"),
        ("{{ 1e-6 | .1e }}", "1.0e-06"),
        ("{{ -1e-9 | .2f }}", "0.00"),
        ("{{ -1/3 | .3f }}", "-0.333"),
        ("{{ 1 +\n 1 }}", "2"),
        ("{{ 1 / 3 }}", "0.333333"),
    ],
)
def test_numbers_are_put_in(text: str, shown: str) -> None:
    assert expand(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "`{{ 1 }}`",
        "``a ` {{ 1 }}``",
        "```\n{{ 1 }}\n```",
        "text\n\n~~~ python\nx = {{ 1 }}\n\ny\n~~~\n",
        "> ```\n> {{ 1 }}\n> ```",
        "```\n{{ 1 }}",
        "$x^{{a}}$",
        "{{ 1",
        "1 }}",
    ],
)
def test_code_and_latex_are_left_alone(text: str) -> None:
    assert expand(text) == text


def test_code_ends_where_it_ends() -> None:
    assert expand("`a` {{ 1 }} `b`") == "`a` 1 `b`"
    assert expand("a ` b {{ 1 }}") == "a ` b 1"
    assert expand("a ` b\n\n{{ 1 }} ` c") == "a ` b\n\n1 ` c"
    assert expand("```\n{{ 1 }}\n```\n{{ 2 }}") == "```\n{{ 1 }}\n```\n2"


def test_what_has_no_value_is_shown_with_a_note() -> None:
    assert expand("so {{ gamma }}.") == (
        "so `{{ gamma }} (not computed: 'gamma' is not a number; write numbers,"
        " and functions min, max, abs, exp, log, ln, log2, sqrt, clip)`."
    )
    assert "not computed" in expand("{{ 1 | .2x }}")
    assert "not computed" in expand('{{ metric("a", {}, "b", "c", 0) }}', lambda *arguments: 1 / 0)
    assert "no experiment" in expand('{{ metric("no-such", {}, "b", "c", 0) }}')


def test_metrics_are_asked_of_the_caller() -> None:
    text = 'It is {{ metric("ppo", {"seeds": 20}, "ppo", "objective/return", "last") | .2f }}.'
    assert expand(text, lambda *arguments: 0.7049) == "It is 0.70."
    assert needs_run(text)
    assert not needs_run("{{ 1 }} {{ x }} `{{ metric(...) }}`")


@pytest.mark.parametrize("form", ["", ".2f", ".0f", "+.3e", ",.2f", "+,.4g", "d", ",d", "+d", ".1%"])
def test_formats_allowed(form: str) -> None:
    check_format(form)
    assert format_number(12.0, form)


@pytest.mark.parametrize(
    "form", ["f", ".f", ".2x", "5d", ">10", ".99f", "s", "n", ".2f}", "!r", "%", "0.2f", ".2", "٣d"]
)
def test_formats_refused(form: str) -> None:
    with pytest.raises(ExpressionError):
        check_format(form)
