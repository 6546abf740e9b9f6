"""Commands in a lesson, for who reads it in a class: they have no shell to type them in."""

from tutor import paths

RUN = "rl-tutor run "
LABS = {  # experiment -> title of the lab that shows the same
    "kl-control": "KL control",
    "ppo": "Stability",
    "rlhf": "Clinic",
    "rlvr": "Verifier",
    "trpo": "Stability",
}


def instead(code: str) -> str:
    """What to add to a command of the tutor; empty where it can be typed, and for all other code."""
    if not paths.hosted() or not code.startswith(RUN):
        return ""
    experiment, _, _ = code.removeprefix(RUN).strip().partition(" ")
    lab = LABS.get(experiment, "")
    return f" [on a computer of your own; here: lab {lab}]" if lab else " [on a computer of your own]"
