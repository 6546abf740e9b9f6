"""The pages of the clinic: which curves to look at, and once the fault is known what was wrong and what told it."""

from collections.abc import Sequence
from math import isnan

from textual.content import Content

from tutor.charts.text import clean
from tutor.experiments.clinic_faults import BY_ID, told
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.clinic_session import BROKEN, MENDED, ClinicSession
from tutor.tui.labs.clinic_words import against, capital
from tutor.tui.labs.source import source_in

LOOK = {
    "toy": (
        "Score and truth: does the score rise? Does the truth rise with it, or fall while the score stays high?",
        "KL to the reference, and P(understand): how far has the policy gone? A few nats are usual where they cost "
        "something. Does the KL fit what the other curves say of how far it went?",
        "Approximate KL and clip fraction of an update: how long is a step, in the first update and in later ones? "
        "About a tenth of the samples is clipped at first, and fewer later. A curve that is exactly 0 tells most.",
        "Entropy, distinct answers, length: when do they change, before the score or after it, and where to?",
        "Value loss and explained variance: the loss of a critic that works falls below 1 within a few updates. How "
        "large an error is a loss of that size? (It is half the mean of its square.)",
        "The answers, at several updates: are they good, alike, cut off, nonsense?",
    ),
    "grid": (
        "J, and the return of what was walked: the first is exact and knows no time limit, the second is what the "
        "episodes of the batch earned, as far as they came. Do they say the same?",
        "KL of an update: is it about the same in all of them? If it leaps, what did J do in that update, and how "
        "sure was the policy (entropy) before it?",
        "Entropy: is the policy still trying things? What has it become sure of?",
        "Explained variance and value loss: does the critic follow what it is told?",
        "The walks, at several updates: where do they go, and how do they end?",
    ),
}


def before(session: ClinicSession, plots: Sequence[str], glyphs: Glyphs) -> list[Content]:
    """Nothing here depends on the fault, but the plots in words."""
    ascii = not glyphs.sub_digits
    asked = Content(
        "Once you have named the fault (p), or let it be shown (v), this page says what was wrong."
    )
    looks = [Content(clean(text, ascii)) for text in LOOK[session.kind]]
    return [asked, *looks, *_wrong(session, ascii), *_plots(plots)]


def after(session: ClinicSession, plots: Sequence[str], glyphs: Glyphs) -> list[Content]:
    """The fault, why the curves look so, the numbers that tell it, of both runs."""
    ascii, fault = not glyphs.sub_digits, session.fault
    parts = [
        Content.assemble((f"{capital(fault.name)}. ", "bold"), clean(fault.cause, ascii)),
        Content(clean(fault.why, ascii)),
        Content("\n").join(
            [Content("What tells it:"), *(Content(clean(line, ascii)) for line in numbers(session))]
        ),
        Content(clean(fault.alike, ascii)),
        Content(f"The code: {' and '.join(name for _, name in fault.where)}; c shows it."),
    ]
    return [*parts, *_wrong(session, ascii), *_plots(plots)]


def numbers(session: ClinicSession) -> list[str]:
    """`KL at the end: 22.4 (with this fault at least 8); mended 2.8`, a line a sign."""
    lines = []
    broken, mended = session.reading(BROKEN), session.reading(MENDED)
    for sign in session.fault.signs:
        values = [sign.value(reading) for reading in (broken, mended)]
        here, there = ("not known yet" if isnan(value) else told(value) for value in values)
        lines.append(f"{sign.what.rstrip(',')}: {here} (with this fault {sign.expected}); mended: {there}")
    return lines


def _wrong(session: ClinicSession, ascii: bool) -> list[Content]:
    """What was answered, and what speaks against it."""
    return [
        Content(clean(f"You said: {BY_ID[fault].name}. {against(session, fault)}", ascii))
        for fault in session.diagnosis.tried
    ]


def _plots(plots: Sequence[str]) -> list[Content]:
    return [Content(f"The plot of {plot}") for plot in plots]


def code(session: ClinicSession) -> list[Content]:
    """The functions that the fault is built into."""
    return [line for module, name in session.fault.where for line in source_in(module, name)]
