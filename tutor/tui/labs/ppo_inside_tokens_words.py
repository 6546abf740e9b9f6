"""The lab inside PPO over tokens in words and as charts: its title, the answer, where the update stands, why."""

import numpy as np

from tutor.charts.chart import Chart, Mark, Series, Shade
from tutor.charts.text import clean
from tutor.experiments.recordings import INSTALL
from tutor.toy_llm.training_frames import Inside
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_signs import num, signs_of
from tutor.tui.labs.ppo_inside_tokens_batch import TokenTable
from tutor.tui.labs.ppo_inside_tokens_session import TokenSession


def title(session: TokenSession, seeds: str, glyphs: Glyphs, *, short: bool) -> str:
    """seeds: `seed 0`, with what is to be said of it."""
    p, s = session.parameters, signs_of(glyphs)
    parts = [] if short else ["Inside PPO"]
    parts += ["tokens", f"{s.epsilon} {num(float(p['epsilon']), glyphs)}", seeds]
    return glyphs.between.join(parts)


def last(session: TokenSession, width: int) -> Line:
    """That no update follows, and what to do; the most that has room."""
    if session.recorded is None:
        return [(f"Update {session.last} is the last", "error"), (": 0 goes back to the first.", "")]
    which = f"Update {session.last} is the last"
    told = (
        f"{which} that is recorded; for others install torch: {INSTALL}",
        f"{which} recorded; for others: {INSTALL}",
        f"{which} recorded: {INSTALL}",
    )
    return [(next((text for text in told if len(text) <= width), told[-1]), "error")]


def nothing_yet(session: TokenSession) -> str:
    """Why there is no update to look at."""
    if session.waits_for_key:
        return f"space makes update {max(1, session.goal)}, to be looked at token by token."
    return "The update is on its way."


def waiting(session: TokenSession, glyphs: Glyphs) -> Line:
    """How far it is to the update that was asked for."""
    of = max(1, session.goal)
    if session.waits_for_key:
        return [(nothing_yet(session), "")]
    done = round(20 * session.reached / of)
    bar = signs_of(glyphs).bar * done + glyphs.dot * (20 - done)
    return [(f"Update {of} is on its way: {session.reached} of {of} are made. ", ""), (bar, "accent")]


def answer(session: TokenSession, table: TokenTable, width: int, glyphs: Glyphs) -> Line:
    """Which answer of the batch, what it answers and what the reward model says."""
    batch = table.batch
    which = f"answer {session.answer + 1}/{len(batch.prompts)}"
    score = num(float(f"{batch.score[session.answer]:.3g}"), glyphs)
    prompt = clean(batch.prompts[session.answer], not glyphs.sub_digits)
    line: Line = [(which, "strong"), ("  score ", "reward"), (score, "reward")]
    left = width - sum(len(text) for text, _ in line) - 4
    return [*line, (f'  "{prompt[:left]}"', "muted")] if left >= len(prompt) else line


def where(session: TokenSession, inside: Inside, width: int, glyphs: Glyphs) -> Line:
    """Of the whole batch after this epoch: clip fraction, objective, KL, the price of KL; as much as fits."""
    now = inside.epochs[session.epoch]
    n, clipped = int(inside.batch.mask.sum()), int(now.clipped.sum())
    parts: list[tuple[str, str]] = [
        (
            f"{glyphs.check_on} clipped {clipped} of {n} = {_three(now.clip_fraction, glyphs)}",
            "error" if clipped else "",
        ),
        (f"mean L {_three(now.surrogate, glyphs)}", "return"),
        (f"approx KL {_three(now.approx_kl, glyphs)}", "kl"),
        (f"{'β' if glyphs.sub_digits else 'beta'} {_three(inside.beta, glyphs)}", "kl"),
    ]
    line: Line = []
    for text, role in parts:
        gap = "   " if line else ""
        if sum(len(t) for t, _ in line) + len(gap) + len(text) > width:
            break
        line.append((gap + text, role))
    return line


def _three(value: float, glyphs: Glyphs) -> str:
    """Three significant digits, six decimals at most: what single precision left is 0."""
    return num(round(float(f"{value:.3g}"), 6), glyphs)


def ratios(session: TokenSession, table: TokenTable, glyphs: Glyphs) -> Chart:
    """Ratio by token of the answer, the clip range behind."""
    epsilon, s = table.inside.config.epsilon, signs_of(glyphs)
    place, ratio = np.arange(len(table), dtype=float), table.numbers["ratio"]
    silent = np.array(table.clipped, dtype=bool)
    series = [
        Series("pushes", place[~silent], ratio[~silent], quantity="policy", style="points"),
        Series("clipped", place[silent], ratio[silent], quantity="advantage", style="points"),
    ]
    series = [each for each in series if each.x.size]
    low, high = min(1 - epsilon, float(ratio.min())), max(1 + epsilon, float(ratio.max()))
    air = (high - low) / 8
    return Chart(
        title="ratio",
        x_label="token",
        series=series,
        shades=[Shade(1 - epsilon, 1 + epsilon, label=f"1{glyphs.minus}{s.epsilon} to 1+{s.epsilon}")],
        marks=[Mark(float(session.row))],
        x_range=(-0.5, len(table) - 0.5),
        y_range=(low - air, high + air),
        y_ticks=tuple((y, num(y, glyphs)) for y in (1 - epsilon, 1.0, 1 + epsilon)),
    )


def epochs(session: TokenSession, inside: Inside) -> Chart:
    """Clip fraction and approximate KL to the old policy (half the mean square of the log ratio), of the batch, up to
    the epoch that is shown."""
    seen = inside.epochs[: session.epoch + 1]
    x = [float(epoch.epoch) for epoch in seen]
    series = [
        Series("clip fraction", x, [epoch.clip_fraction for epoch in seen], quantity="advantage"),
        Series("approx KL", x, [epoch.approx_kl for epoch in seen], quantity="kl", style="dashed"),
    ]
    return Chart(
        title="clipping",
        x_label="epoch",
        series=series if len(seen) > 1 else (),
        x_range=(0.0, float(max(1, session.epochs))),
        empty="Clip fraction and approx KL by epoch: space makes one.",
    )


def explained(session: TokenSession, table: TokenTable, glyphs: Glyphs) -> list[str]:
    """What the update did with this answer and with the batch, in sentences."""
    inside, batch, i = table.inside, table.batch, session.answer
    now, beta = inside.epochs[session.epoch], inside.beta
    score, k1, paid = float(batch.score[i]), float(batch.kl_k1[i].sum()), float(batch.reward[i].sum())
    n = int(batch.mask.sum())
    outside = (np.abs(now.ratio - 1) > inside.config.epsilon) & batch.mask
    wrong = int((outside & ~now.clipped).sum())
    return [
        f"Update {session.shown}, after epoch {now.epoch} of {session.epochs}: {len(batch.prompts)} answers, {n} "
        "tokens, each answer written by the old policy, judged as a whole by the reward model.",
        f"This answer: its rewards add up to {_three(paid, glyphs)}, the score {_three(score, glyphs)} less beta "
        f"{_three(beta, glyphs)} times the sampled KL {_three(k1, glyphs)}. The score comes with the last token alone; "
        "GAE hands it back to those before.",
        f"The critic knew of the start {_three(float(table.numbers['value'][0]), glyphs)}. What came instead is the "
        f"advantage of the first token, {_three(float(table.numbers['advantage'][0]), glyphs)}, and whitened over the "
        f"batch {_three(float(table.numbers['weight'][0]), glyphs)}.",
        f"{int(now.clipped.sum())} of the {n} tokens are clipped, their own gradient is 0; {wrong} more are out of the "
        "range on the side that still pushes. A clipped token may move on all the same: all tokens share the weights, "
        "and Adam has momentum.",
    ]
