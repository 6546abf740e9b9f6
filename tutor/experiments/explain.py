"""What the curves of a run say, in sentences: rules over its frames, each with its threshold and its source.

Together with the summaries of the charts this is the text equivalent of the plots. It knows no screen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from tutor.experiments.evidence import Evidence
from tutor.experiments.frames import Frame
from tutor.experiments.parameters import Value


@dataclass(frozen=True)
class Said:
    """A sentence with a reason and advice of its own, where the rule's do not fit what was run; empty: the rule's."""

    sentence: str
    why: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Rule:
    """Something to see in curves.

    find: (evidence, threshold) -> a sentence, or `Said`, or None where the curves do not show it. meaning: what the
    threshold is compared with, for people. why: what makes curves look so. advice: what to try. source: paper and
    section.
    """

    id: str
    threshold: float
    meaning: str
    source: str
    why: str
    advice: str
    find: Callable[[Evidence, float], str | Said | None]


@dataclass(frozen=True)
class Finding:
    """What a rule has seen. threshold: with its meaning, as `.1: …`."""

    rule: str
    sentence: str
    why: str
    advice: str
    threshold: str
    source: str


def explain(
    frames: Iterable[Frame],
    rules: Sequence[Rule],
    *,
    optimum: float | None = None,
    problem: str = "",
    metric: str = "",
    parameters: Mapping[str, Value] | None = None,
) -> list[Finding]:
    """What the rules find, in their order. The first that finds the run diverged is the only one that is heard: of
    numbers that are none nothing can be said. See `Evidence` for the rest."""
    evidence = Evidence(frames, optimum=optimum, problem=problem, metric=metric, parameters=parameters)
    findings = []
    for rule in rules:
        found = rule.find(evidence, rule.threshold)
        if found is None:
            continue
        said = Said(found) if isinstance(found, str) else found
        why, advice = said.why or rule.why, said.advice or rule.advice
        threshold = f"{rule.threshold:g}: {rule.meaning}"
        findings.append(Finding(rule.id, said.sentence, why, advice, threshold, rule.source))
        if rule.id == "diverged":
            break
    return findings


def rules_for(experiment: str) -> tuple[Rule, ...]:
    """The general rules and those of training, and RULES of `tutor.experiments.rules.<experiment>` before them where
    there is such a module: whoever adds an experiment with rules of its own adds that file. With ALONE = True in it
    only its own are asked: for curves that are not of learning. EXCEPT in it names those of the general ones that are
    left out, where its own say better what they would."""
    from tutor.experiments.rules.general import DIVERGED, GENERAL
    from tutor.experiments.rules.training import TRAINING

    name = f"tutor.experiments.rules.{experiment.replace('-', '_')}"
    module = import_module(name) if find_spec(name) is not None else None
    own: tuple[Rule, ...] = getattr(module, "RULES", ())
    others = () if getattr(module, "ALONE", False) else (*TRAINING, *GENERAL)
    left_out: tuple[str, ...] = getattr(module, "EXCEPT", ())
    return (DIVERGED, *own, *(rule for rule in others if rule.id not in left_out))
