"""One learner's answer by the toy model: sampled, forced, taken back, branched, replayed. Knows no screen."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.experiments import Value, find_lab
from tutor.toy_llm import verifier
from tutor.toy_llm.episodes import TokenFrame, first_state, take_token
from tutor.toy_llm.inference import Reader, ToyModel
from tutor.toy_llm.sampling import RESPONSE_LIMIT, tempered
from tutor.toy_llm.tokenizer import ACTIONS, decode, encode, token_of
from tutor.tui.labs.step_session import DAMAGED, SEEDS, LeftRuns

Step = tuple[int, bool, float]  # token, whether it was forced, the temperature it was chosen at


class TokenSession(LeftRuns):
    """The answer so far and everything that can be done to it.

    `frames[t]` is token t, `forced[t]` whether the learner chose it, `temperatures[t]` at which temperature.
    `returns[t]` is G_0 over the first t + 1 rewards. The dice are one generator from `seed`, one draw a token: taking
    a token back takes its draw back, so that sampling repeats it, and after another token the next one meets the same
    dice.
    """

    def __init__(
        self, parameters: Mapping[str, Value], model: ToyModel, steps: Iterable[Step] | None = None
    ) -> None:
        """parameters: resolved, by name. steps: an answer to replay instead of beginning with the parameter `text`;
        raises ValueError when it ends too early or has a token that there is not."""
        super().__init__()
        self.parameters = dict(parameters)
        self.reader = Reader(model)
        self._begin(steps)

    def _begin(self, steps: Iterable[Step] | None = None) -> None:
        self.start = first_state(self.prompt)
        self.frames: list[TokenFrame] = []
        self.forced: list[bool] = []
        self.temperatures: list[float] = []
        self.returns: list[float] = []
        self._rng = np.random.default_rng(self.seed)
        self._policy: tuple[object, NDArray[np.float64]] | None = None
        if steps is None:
            steps = [(token, True, self.temperature) for token in encode(str(self.parameters["text"]))]
        for token, forced, temperature in steps:
            if self._take(token, forced, temperature) is None:
                raise ValueError("there are tokens after the end of the answer")

    # What is the case

    @property
    def prompt(self) -> str:
        return str(self.parameters["prompt"])

    @property
    def seed(self) -> int:
        return int(self.parameters["seed"])

    @property
    def gamma(self) -> float:
        return float(self.parameters["gamma"])

    @property
    def temperature(self) -> float:
        return float(self.parameters["temperature"])

    @property
    def t(self) -> int:
        """How many tokens have been taken."""
        return len(self.frames)

    @property
    def state(self) -> tuple[int, ...]:
        return self.frames[-1].next_state if self.frames else self.start

    @property
    def last(self) -> TokenFrame | None:
        return self.frames[-1] if self.frames else None

    @property
    def over(self) -> bool:
        return bool(self.frames) and self.frames[-1].ended

    @property
    def episode_return(self) -> float:
        """G_0 so far: sum over k of gamma^k R_{k+1}."""
        return self.returns[-1] if self.returns else 0.0

    @property
    def tokens(self) -> tuple[int, ...]:
        """The answer so far, `<eos>` included."""
        return self.state[len(self.start) :]

    @property
    def asked(self) -> verifier.Sum | None:
        """The sum that the prompt asks for; None when there is no verifier for it."""
        return verifier.asked_sum(self.prompt)

    @property
    def answered(self) -> int | None:
        """The number that the answer ends in, if it has the form that the verifier reads."""
        return verifier.given_answer(decode(self.tokens))

    def policy(self) -> NDArray[np.float64]:
        """pi(token | state) at the present temperature, (V,); at the end, that of the last token's choice."""
        state = self.state if not self.over else self.frames[-1].state
        key = (state, self.temperature)
        if self._policy is None or self._policy[0] != key:
            log_probs = self.reader.next_log_probs(state)
            self._policy = (key, np.exp(tempered(log_probs, self.temperature)))
        return self._policy[1]

    def ranking(self) -> list[int]:
        """Every token that may be forced (words and `<eos>`), the likeliest first, equals by number."""
        order = np.argsort(-self.policy(), kind="stable")
        return [int(token) for token in order if token in ACTIONS]

    def token_returns(self) -> list[float]:
        """G_t of every token so far: with gamma 1 they are all the same once the reward has come."""
        returns, following = [], 0.0
        for frame in reversed(self.frames):
            following = frame.reward + self.gamma * following
            returns.append(following)
        return returns[::-1]

    # What can be done

    def sample(self) -> TokenFrame | None:
        """Let the model draw its next token; None, and nothing happens, once the answer is over."""
        return self._take(None, False, self.temperature)

    def force(self, token: int) -> TokenFrame | None:
        """Put a token into its mouth; None, and nothing happens, once the answer is over."""
        return self._take(token, True, self.temperature)

    def _take(self, token: int | None, forced: bool, temperature: float) -> TokenFrame | None:
        if self.over:
            return None
        frame = take_token(self.reader, self.state, self._rng, token, temperature)
        self.returns.append(self.episode_return + self.gamma**self.t * frame.reward)
        self.frames.append(frame)
        self.forced.append(forced)
        self.temperatures.append(temperature)
        return frame

    def undo(self) -> bool:
        """Take the last token back, dice and all; with none, bring back the answer that was left for this one. False
        with neither."""
        if not self.frames:
            return self._bring_back()
        frame = self.frames.pop()
        for column in (self.returns, self.forced, self.temperatures):
            column.pop()
        self._rng.bit_generator.state = frame.rng_state
        return True

    def reset(self) -> None:
        """The same answer from its start: the same dice in the same order."""
        self._leave_touched()
        self._begin()

    def reseed(self) -> None:
        """A new answer with the next seed."""
        self._leave()
        self.parameters["seed"] = (self.seed + 1) % SEEDS
        self._begin()

    def _leave_touched(self) -> None:
        if self.frames:
            self._leave()

    def set_gamma(self, gamma: float) -> None:
        """The same rewards under another discount."""
        self.parameters["gamma"] = gamma
        total = 0.0
        for t, frame in enumerate(self.frames):
            total += gamma**t * frame.reward
            self.returns[t] = total

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """Change what is given. Another prompt, text or seed begins a new answer; the rest leaves it as it is."""
        changed = {name: value for name, value in changes.items() if value != self.parameters.get(name)}
        anew = bool({"prompt", "text", "seed"} & changed.keys())
        if anew:
            self._leave()
        self.parameters.update(changed)
        if anew:
            self._begin()
        elif "gamma" in changed:
            self.set_gamma(self.gamma)

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; the frames follow from the parameters (the seed among them) and the steps."""
        rows = zip(self.frames, self.forced, self.temperatures, strict=True)
        steps = [[decode([frame.action]), forced, temperature] for frame, forced, temperature in rows]
        return {"parameters": dict(self.parameters), "steps": steps}

    @classmethod
    def from_state(cls, state: object, parameters: Mapping[str, Value], model: ToyModel) -> "TokenSession":
        """The session that `to_state` described; a new one with `parameters` when the state is damaged."""
        try:
            return cls(*_restored(state, model))
        except DAMAGED:
            return cls(parameters, model)


def _restored(state: object, model: ToyModel) -> tuple[Mapping[str, Value], ToyModel, list[Step]]:
    if not isinstance(state, Mapping) or not isinstance(state["steps"], list):
        raise TypeError("not the state of a token lab")
    if len(state["steps"]) > RESPONSE_LIMIT:
        raise ValueError("more tokens than an answer has")
    temperature = next(p for p in find_lab("token").parameters if p.name == "temperature")
    steps = [
        (token_of(word), bool(forced), float(temperature.parse(at))) for word, forced, at in state["steps"]
    ]
    return resolve_parameters(state["parameters"]), model, steps


def resolve_parameters(given: Mapping[str, object]) -> dict[str, Value]:
    """Every parameter of the lab. Raises ParameterError."""
    return find_lab("token").values(given)
