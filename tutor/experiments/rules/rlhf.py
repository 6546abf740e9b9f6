"""One run of RLHF: what is said of three, as far as it is said of each by itself."""

from tutor.experiments.rules.kl_control import RULES as OF_SEVERAL

_OF_ONE = ("reward-hacking", "kl-far", "entropy-low")
RULES = tuple(rule for rule in OF_SEVERAL if rule.id in _OF_ONE)
