"""The reward model: its loss, what it learns, the same file every time; preferences as a rater gives them."""

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tutor.commands.toy_llm import REWARD_MODEL_STEPS  # noqa: E402
from tutor.toy_llm import corpus  # noqa: E402
from tutor.toy_llm.checkpoint import (  # noqa: E402
    CheckpointError,
    read,
    read_reward_model,
    shipped_path,
    shipped_reward_model_path,
)
from tutor.toy_llm.pairs import Pair, Preference, Said, gold, label  # noqa: E402
from tutor.toy_llm.reward_build import SHIPPED, build_reward_model  # noqa: E402
from tutor.toy_llm.reward_model import (  # noqa: E402
    RewardModelConfig,
    accuracy,
    bradley_terry_loss,
    fit_reward_model,
    margins_of,
    normalise,
    scores_of,
)
from tutor.toy_llm.scorer import Scorer, scorer_of  # noqa: E402

POLITE, RUDE = Said("I understand , how can I improve this ?"), Said("So what ?")
CLEAR = [Preference(prompt, POLITE, RUDE) for prompt in corpus.COMPLAINTS]


def test_the_loss_by_hand() -> None:
    """-log sigmoid(0) = log 2; -log sigmoid(log 3) = log 4/3."""
    assert bradley_terry_loss(torch.tensor([0.0])).item() == pytest.approx(math.log(2))
    both = torch.tensor([0.0, math.log(3)])
    assert bradley_terry_loss(both).item() == pytest.approx((math.log(2) + math.log(4 / 3)) / 2)
    assert accuracy(torch.tensor([1.0, -1.0, 0.0, 2.0])) == 0.625


def test_its_gradient_is_that_of_finite_differences() -> None:
    margins = torch.tensor([-1.5, 0.2, 3.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(bradley_terry_loss, (margins,))


def test_it_begins_by_preferring_nothing_and_learns_what_is_clear() -> None:
    scorer = Scorer(read(shipped_path()))
    frames = list(fit_reward_model(scorer, CLEAR, RewardModelConfig(epochs=4, batch=4, held_out=0.25)))
    first, last = frames[0], frames[-1]
    assert (first.update, first.loss) == (0, pytest.approx(math.log(2)))
    assert (first.accuracy, first.held_out_accuracy) == (0.5, 0.5)
    assert [frame.update for frame in frames] == list(range(13))  # 9 learned: 3 steps an epoch
    assert last.held_out_accuracy == 1
    assert last.held_out_loss < 0.35


def test_too_few_preferences_are_refused() -> None:
    with pytest.raises(ValueError, match="needs at least 2"):
        next(fit_reward_model(Scorer(read(shipped_path())), CLEAR[:1], RewardModelConfig()))


def test_a_rater_prefers_as_often_as_the_rule_says() -> None:
    """Quality 1 against 0: sigmoid(4) = .982; .4 against 0: sigmoid(1.6) = .832; of 20,000 each, within .01."""
    for better, share in ((POLITE, 0.982), (Said("I see ."), 0.832)):
        pairs = [Pair(corpus.COMPLAINTS[0], RUDE, better)] * 20_000
        labelled = label(pairs, np.random.default_rng(0))
        assert np.mean([row.preferred == better for row in labelled]) == pytest.approx(share, abs=0.01)


def test_an_end_that_never_came_is_seen() -> None:
    assert gold(Said("I see .")) == 0.4
    assert gold(Said("I see .", ended=False)) == -1


def test_normalised_scores_have_mean_0_and_spread_1() -> None:
    scorer = scorer_of(read_reward_model())
    said = [Said(answer) for answer in corpus.complaint_answers()]
    prompts = [corpus.COMPLAINTS[0]] * len(said)
    with torch.no_grad():
        normalise(scorer, scores_of(scorer, prompts, said))
        again = scores_of(scorer, prompts, said)
    assert again.mean().item() == pytest.approx(0, abs=1e-4)
    assert again.std(correction=0).item() == pytest.approx(1, abs=1e-4)
    with pytest.raises(ValueError, match="learned nothing"):
        normalise(scorer, torch.ones(5))


def test_the_shipped_one_likes_politeness_and_is_small() -> None:
    assert shipped_reward_model_path().stat().st_size < 300_000
    scorer = scorer_of(read_reward_model())
    with torch.no_grad():
        assert (margins_of(scorer, CLEAR) > 0).all()


def test_the_command_counts_its_steps() -> None:
    assert SHIPPED.updates == REWARD_MODEL_STEPS


def test_made_twice_it_is_the_same_file(tmp_path: Path) -> None:
    config = RewardModelConfig(pairs=40, epochs=1)
    for name in "ab":
        built = build_reward_model(tmp_path / name, lambda _frame: None, config)
        assert built.last.update == 1
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_reward_model(tmp_path / "a").keys() == read_reward_model().keys()


def test_a_model_is_no_reward_model_and_the_other_way_round(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no toy reward model") as caught:
        read_reward_model(shipped_path())
    assert caught.value.command == "rl-tutor toy-llm build"
    with pytest.raises(CheckpointError, match="no toy language model") as caught:
        read(shipped_reward_model_path())
    assert caught.value.command == "rl-tutor toy-llm build-reward-model"


@pytest.mark.parametrize("length", [0, 9, 300, -1000])
def test_a_damaged_file_is_said_with_the_command(length: int, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    path.write_bytes(shipped_reward_model_path().read_bytes()[:length])
    with pytest.raises(CheckpointError) as caught:
        read_reward_model(path)
    assert caught.value.command == f"rl-tutor toy-llm build-reward-model --output {path}"
    with pytest.raises(CheckpointError, match="the model is missing"):
        read_reward_model(tmp_path / "nowhere")


def test_an_altered_number_is_noticed(tmp_path: Path) -> None:
    data = bytearray(shipped_reward_model_path().read_bytes())
    data[-3] ^= 1
    (tmp_path / "altered").write_bytes(bytes(data))
    with pytest.raises(CheckpointError, match="checksum"):
        read_reward_model(tmp_path / "altered")
