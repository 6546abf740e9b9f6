"""What happened in an answer and why, in sentences: rules over the session's frames."""

from math import log

from tutor.toy_llm import verifier
from tutor.toy_llm.sampling import RESPONSE_LIMIT
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_explain import plural
from tutor.tui.labs.gridworld_words import number, signed, symbol
from tutor.tui.labs.token_session import TokenSession
from tutor.tui.labs.token_words import chance_of, probability, shown


def explain(session: TokenSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs: the last token, the end and its reward, the return, the policy now, agent and environment."""
    paragraphs = [
        _last_token(session, glyphs),
        _end(session, glyphs),
        _form(session),
        _return(session, glyphs),
        _policy(session, glyphs),
        _agent(session, glyphs),
    ]
    return [paragraph for paragraph in paragraphs if paragraph]


def _agent(session: TokenSession, glyphs: Glyphs) -> str:
    state, action = symbol("S", session.t, glyphs), symbol("A", session.t, glyphs)
    return (
        f"The agent is the language model. Its state {state} is the prompt and the answer so far; its action {action} "
        f"is the next token, one of {plural(len(session.ranking()), 'token')}, and `end` is one of them. The next "
        "state is the state with that token added: nothing slips here. All chance is in the policy."
    )


def _last_token(session: TokenSession, glyphs: Glyphs) -> str:
    frame = session.last
    if frame is None:
        return "Nothing has happened yet: space lets the model sample a token, enter forces the one you point at."
    chance, at = chance_of(frame), session.temperatures[-1]
    name = f"{symbol('A', frame.t, glyphs)} = {shown(frame.action)}"
    asked = f"{probability(chance)} at temperature {at:.3g}"
    if session.forced[-1]:
        return (
            f"{name} was forced; the policy would have sampled it with probability {asked}. From here it goes on as if "
            "it had said so itself: it sees only the text."
        )
    return (
        f"{name} was sampled; its probability was {asked}. u takes it back, its dice too: at the same temperature "
        "space then samples the same token again, and another token meets the same dice at the next step."
    )


def _policy(session: TokenSession, glyphs: Glyphs) -> str:
    pi = session.policy()
    best = session.ranking()[0]
    entropy = -sum(float(p) * log(float(p)) for p in pi if p > 0)
    bound = log(len(session.ranking()))
    where = "Where it ended" if session.over else "Here"
    heat = {True: "less", False: "more"}[session.temperature < 1]
    warmth = (
        "At temperature 1 this is the policy as it was trained."
        if session.temperature == 1
        else f"Temperature {session.temperature:.3g} makes it {heat} varied than it was trained: every logit is "
        f"divided by {session.temperature:.3g} before the softmax."
    )
    return (
        f"{where} the likeliest token is `{shown(best)}`, with probability {probability(float(pi[best]))}; the "
        f"entropy is {number(entropy, glyphs, 3)} nats (0: certain; {bound:.3g}: all alike). {warmth}"
    )


def _form(session: TokenSession) -> str:
    """How to ask a sum so that it can be judged, for a prompt that looks like one."""
    if not verifier.nearly_asks_sum(session.prompt):
        return ""
    form = verifier.FORM.format(a=2, b=2)
    return f"This looks like a sum, but the verifier reads only one + between two numbers: write `{form}`."


def _end(session: TokenSession, glyphs: Glyphs) -> str:
    frame, asked = session.last, session.asked
    if frame is None or not session.over:
        judge = (
            "Until the end every reward is 0; then a verifier reads the answer and pays +1 or -1."
            if asked
            else "Until the end every reward is 0, and at the end too: no verifier can judge such an answer. In RLHF a "
            "reward model, trained on what people prefer, would pay here."
        )
        return judge.replace("-1", signed(-1, glyphs))
    cut = "" if frame.terminated else (
        f"It was cut off after {RESPONSE_LIMIT} tokens (truncated): the model had not chosen `end`. "
    )  # fmt: skip
    return cut + _judged(session, glyphs)


def _judged(session: TokenSession, glyphs: Glyphs) -> str:
    asked, answered = session.asked, session.answered
    if asked is None:
        return (
            "No verifier can judge this answer, so its reward stays 0. In RLHF a reward model, trained on what people "
            "prefer, would pay at this place."
        )
    last = f"{symbol('R', session.t, glyphs)} = {signed(session.frames[-1].reward, glyphs)}"
    total = f"{asked.a} + {asked.b} = {asked.answer}"
    if answered is None:
        return f"The verifier looks for `Answer : number .` at the end and finds none: {last}."
    verdict = "that is right" if answered == asked.answer else f"but {total}"
    return f"The verifier reads the number after `Answer :`, {answered}; {verdict}: {last}. It reads nothing else."


def _return(session: TokenSession, glyphs: Glyphs) -> str:
    if not session.frames:
        return ""
    returns, gamma = session.token_returns(), glyphs.gamma
    text = f"{symbol('G', 0, glyphs)} so far is {number(session.episode_return, glyphs, 6)}."
    if not session.over or not session.asked:
        return text
    if session.gamma == 1:
        return (
            f"{text} Only the reward comes last: with {gamma} = 1 every token has the same return, "
            f"{signed(returns[0], glyphs)}, the first as much as the last. Which token deserved it the return does "
            "not say."
        )
    return (
        f"{text} With {gamma} = {session.gamma:g} the return of the last token is {number(returns[-1], glyphs)}, that "
        f"of the first {number(returns[0], glyphs)}: the further from the reward, the fainter."
    )
