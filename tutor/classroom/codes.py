"""Names and codes: what a learner may be called, and the secrets that let them in.

Codes are drawn from the system's randomness, in signs that cannot be taken for one another, and kept as argon2id
hashes. A code of 8 signs of 31 has 39 bits, one of 12 has 59: with the delays of `attempts` neither can be guessed.
"""

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
JOIN_SIGNS = 8
PERSONAL_SIGNS = 12
GROUP = 4
LONGEST = 64  # characters of a code that anybody typed
NAME = re.compile(r"[a-z][a-z0-9._-]{0,31}")
NAME_RULE = "a name has 1 to 32 small letters, digits, dots, dashes and underscores, a letter first"

# 19 MiB and two passes: what OWASP's password storage cheat sheet asks of argon2id at the least; some 20 ms.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def is_name(text: str) -> bool:
    """Whether a learner may be called so."""
    return NAME.fullmatch(text) is not None


def new_code(signs: int) -> str:
    """A random code, in groups of four: `K7QF-93TM`."""
    drawn = "".join(secrets.choice(SIGNS) for _ in range(signs))
    return "-".join(drawn[start : start + GROUP] for start in range(0, signs, GROUP))


def hashed(code: str) -> str:
    """What is kept of a code."""
    return _hasher.hash(_normal(code))


def is_right(code: str, hash_: str) -> bool:
    """Whether `code`, as somebody typed it (case, spaces and dashes do not count), is the one that was hashed.

    Where there is no hash it takes as long to say no: who has one is nobody's business.
    """
    if len(code) > LONGEST:
        return False
    try:
        return _hasher.verify(hash_ or _hash_of_nothing(), _normal(code)) and bool(hash_)
    except (VerificationError, InvalidHashError):
        return False


def signs(code: str) -> int:
    """How many signs somebody typed, spaces and dashes aside."""
    return len(_normal(code))


@cache
def _hash_of_nothing() -> str:
    return hashed(new_code(PERSONAL_SIGNS))


def _normal(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
