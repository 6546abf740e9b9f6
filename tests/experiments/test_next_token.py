"""`next-token`: the toy model's own probabilities, by name, for lessons to ask about."""

import subprocess
import sys

import numpy as np
import pytest

from tests.course.test_check_runs import PREDICT, lesson
from tutor.course import check_course, evaluate
from tutor.course.metrics import run_metric
from tutor.experiments import ParameterError, find_experiment, metric_value, run
from tutor.experiments.tokens import PROMPT, PROMPTS, TEXT
from tutor.toy_llm.checkpoint import load_model
from tutor.toy_llm.episodes import first_state
from tutor.toy_llm.tokenizer import WORDS, encode, token_of

METRIC = "policy/probability"


def chances(**given):
    return {frame.series: float(frame.metrics[METRIC][0]) for frame in run("next-token", given)}


def test_every_token_is_a_series_and_all_sum_to_one():
    pi = chances(prompt=PROMPTS[1])
    assert tuple(pi) == find_experiment("next-token").series
    assert set(pi) == {"<eos>", *WORDS}
    assert len(pi) == 105
    assert sum(pi.values()) == pytest.approx(1)


def test_it_is_the_models_softmax_whatever_reads_it():
    text = "Start with 2"
    pi = chances(prompt=PROMPTS[0], text=text)
    tokens = np.array([[*first_state(PROMPTS[0]), *encode(text)]])
    whole = np.exp(load_model().log_probs(tokens)[0, -1])
    for name, value in pi.items():
        assert value == pytest.approx(whole[token_of(name)], abs=1e-5)


def test_the_articles_probabilities():
    assert chances(prompt="The weather today is")["sunny"] == pytest.approx(0.15, abs=0.02)
    understand = chances(prompt="I don't like your answer", text="I")["understand"]
    assert understand == pytest.approx(0.08, abs=0.02)


def test_temperature_by_hand():
    """pi_T = pi^(1/T), normalised again."""
    pi = np.array(list(chances(prompt=PROMPTS[1]).values()))
    for temperature in (0.1, 0.5, 2, 3):
        tempered = np.array(list(chances(prompt=PROMPTS[1], temperature=temperature).values()))
        powers = pi ** (1 / temperature)
        assert tempered == pytest.approx(powers / powers.sum())


def test_typed_as_people_type_it():
    for prompt in ("How much is 2+2?", "how much is 2+2", "what is 2 + 2?", "2+2"):
        assert chances(prompt=prompt) == chances(prompt="How much is 2 + 2 ?")


def test_a_sum_in_the_answer_stays_as_it_is():
    assert TEXT.parse("2+2") == "2 + 2"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"prompt": "How much is bananas ?"}, "prompt: the toy model does not know 'bananas'"),
        ({"prompt": "sunn today"}, "prompt: the toy model does not know 'sunn'; did you mean 'sunny'?"),
        ({"prompt": "<bos> today"}, "prompt: the toy model does not know '<bos>'"),
        ({"prompt": " "}, "prompt is ' '; it must be 1 to 22 words that the toy model knows"),
        ({"prompt": "I " * 23}, "it must be 1 to 22 words that the toy model knows"),
        ({"text": "I " * 16}, "it must be 0 to 15 words that the toy model knows"),
        ({"text": "I bananas"}, "text: the toy model does not know 'bananas'"),
        ({"temperature": 0}, "temperature is '0'; it must be a number between 0.1 and 3"),
    ],
)
def test_what_it_cannot_be_asked(given, message):
    with pytest.raises(ParameterError) as caught:
        run("next-token", given)
    assert message in str(caught.value)


def test_the_longest_prompt_and_text_fit():
    assert sum(chances(prompt="I " * PROMPT.most, text="I " * TEXT.most).values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("prompt", "word"), [("The weather today is", "sunny"), ("I don't like your answer", "don't")]
)
def test_expressions_of_lessons_may_ask_it(prompt, word):
    source = f"""metric("next-token", {{"prompt": "{prompt}"}}, "{word}", "{METRIC}", "last")"""
    exact = metric_value(run("next-token", {"prompt": prompt}), word, METRIC, 0)
    assert evaluate(source, run_metric) == exact


def question(answer, **given):
    text = PREDICT.replace("experiment: walk", "experiment: next-token")
    text = text.replace("SET", "set: {prompt: The weather today is}")
    return text.replace('metric("walk", "objective/return", "last")', answer)


@pytest.mark.parametrize("word", ["sunny", "don't", "?", "21", "<eos>"])
def test_check_accepts_the_vocabulary(word, tmp_path):
    course = lesson(tmp_path, question(f'metric("{word}", "{METRIC}", "last")'))
    assert check_course(course) == []


@pytest.mark.parametrize("word", ["bananas", "Sunny", "22", "", "sunny today", "<pad>", "<bos>", "<bot>"])
def test_check_refuses_other_words(word, tmp_path):
    course = lesson(tmp_path, question(f'metric("{word}", "{METRIC}", "last")'))
    (finding,) = check_course(course)
    assert f"there is no series of next-token {word!r}" in finding.message


def test_check_names_unknown_words_of_a_prompt(tmp_path):
    text = question(f'metric("sunny", "{METRIC}", "last")').replace("The weather", "The bananas")
    (finding,) = check_course(lesson(tmp_path, text))
    assert "prompt: the toy model does not know 'bananas'" in finding.message
    assert finding.line == 13


def test_a_missing_model_is_one_line_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr("tutor.toy_llm.checkpoint.shipped_path", lambda: tmp_path / "none")
    with pytest.raises(ParameterError, match=r"the model is missing.*rl-tutor toy-llm build"):
        list(run("next-token", {}))


def test_neither_torch_nor_before_it_runs_numpy():
    code = (
        "import sys; from tutor.experiments import find_experiment, run; "
        "frames = run('next-token', {}); assert 'numpy' not in sys.modules; "
        "list(frames); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
