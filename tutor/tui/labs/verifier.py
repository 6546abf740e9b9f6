"""The verifier lab: sums paid by a verifier, PPO, GRPO and REINFORCE from one seed laid over each other."""

from collections.abc import Callable, Sequence
from typing import Any

from tutor.experiments.rules.rlvr import ARRIVED, BEST_OF, GREEDY, HELD_OUT, TRAIN, arrival
from tutor.toy_llm.training_frames import Answer
from tutor.tui.labs import verifier_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import run_keys
from tutor.tui.labs.trained import TrainedLab, trained_keys

ACCURACY = (0.4, 1.0)  # of the plots: before training it is about one half
ROOM_FOR_ALL = 100  # columns from which the title, beside what the run is doing, says of how many sums
NOTE = "The plot begins at 0.4; the table has what is below."


class Lab(TrainedLab):
    """`[ ]` changes how many sums are held out, up and down the run drawn by itself, `v` what is beside."""

    BINDINGS = run_keys(
        *main("main", "held", "how many of the 100 sums are never trained on, down or up"),
        *trained_keys("beside the accuracy: a run's ways to answer, sums held out, KL or entropy"),
        key("predict", tooltip="predict which one is the first to be right 95 times of 100, then see"),
    )
    lab_id = "verifier"
    experiment_id = "rlvr"
    metric = TRAIN

    def first_plot(self) -> Plot:
        return Plot(TRAIN, "right, sampled, mean of 5", y_range=ACCURACY, smooth=5, note=NOTE)

    def plot(self, view: str) -> Plot:
        run = str(self.session.parameters["run"])
        match view:
            case "sharpening":
                ways = (TRAIN, "sampled"), (GREEDY, "greedy"), (BEST_OF, "best of 8")
                return Plot(TRAIN, f"{run}: accuracy", lines=ways, of=run, y_range=ACCURACY, note=NOTE)
            case "held-out":
                return Plot(HELD_OUT, "held out, sampled, mean of 5", y_range=ACCURACY, smooth=5, note=NOTE)
            case "kl":
                return Plot("objective/kl", "exact KL of an answer, nats")
        return Plot("objective/entropy", "entropy, nats a token")

    def title(self) -> str:
        held_out = int(self.session.parameters["held_out"])
        sums = "of 100 sums " if self.app.size.width >= ROOM_FOR_ALL else ""
        return self.titled(f"{held_out} {sums}held out" if held_out else "no sums held out")

    def lines(self, width: int) -> list[Line]:
        return words.table(self.session, self.runs, width, self.tutor.glyphs)

    def marked(self, answer: Answer) -> Line:
        return words.marked(answer, self.tutor.glyphs)

    def verdict_line(self, width: int) -> Line:
        return words.verdict(self.session, width)

    def question(self) -> tuple[str, Sequence[str]]:
        asked = (
            f"Which one is the first to have {ARRIVED:.0%} of its sampled sums right, as a mean of 5 updates?"
        )
        return asked, (*self.runs, "two at once", "none of them")

    def verdict(self) -> int:
        evidence = words.evidence_of(self.session)
        found = [arrival(evidence, name, ARRIVED) for name in self.runs]
        there = [at for at in found if at is not None]
        if not there:
            return len(self.runs) + 1
        return found.index(min(there)) if there.count(min(there)) == 1 else len(self.runs)

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.experiments.llm_training import rlvr
        from tutor.toy_llm.verifier import reward

        return rlvr, reward
