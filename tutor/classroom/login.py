"""Who somebody is who connects: their name, their keys, and the codes that they type."""

import asyncio
from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, NoReturn

from tutor.classroom.attempts import address_key, name_key
from tutor.classroom.codes import JOIN_SIGNS, NAME_RULE, PERSONAL_SIGNS, hashed, is_name, is_right, new_code
from tutor.classroom.errors import ClassError
from tutor.classroom.people import MOST_KEYS, Learner
from tutor.progress.events import clean_line

if TYPE_CHECKING:
    from tutor.classroom.serving import Classroom

SSH_PORT = 22
TRIES = 3  # codes that one connection may try
LOOK_AGAIN = 1.0  # seconds at most between looks at whether a code has to wait any more
LONGEST_WAIT = 20.0  # seconds that a code waits before it is looked at; beyond it its sender is sent away
Challenge = tuple[
    str, str, str, list[tuple[str, bool]]
]  # as asyncssh has it; the last: prompts, and if they echo
REMEMBER = (
    "This computer has a key that is not known here. Remembered, it lets in whoever uses this computer as you,\n"
    "without a code: on a shared computer say n."
)


class RefusedError(ClassError):
    """Somebody is sent away with this message; why: for the log."""

    def __init__(self, words: str, why: str) -> None:
        super().__init__(words)
        self.why = why


class Login:
    """One connection's. Raises RefusedError, and ClassError when the class's list cannot be read."""

    def __init__(self, classroom: "Classroom", address: str, how: str, audit: Callable[..., None]) -> None:
        """how: the command by which learners come."""
        self.name = ""
        self.known: Learner | None = None
        self.personal_code = ""  # drawn at the first visit, to be shown once
        self.is_first_visit = False
        self.offered: list[str] = []  # keys that let nobody in
        self._classroom = classroom
        self._address = address
        self._how = how
        self._audit = audit
        self._tries = TRIES
        self._is_refused = False
        self._fresh: list[str] = []  # keys that may be remembered: asked for

    async def begin(self, given: str) -> None:
        """The name that somebody gives; capitals are taken for small letters."""
        self.name = clean_line(given[:40]).lower()
        if not is_name(given.lower()):
            self._refuse(f"{clean_line(given[:40])}: {NAME_RULE}. Try: {self._how}", "no name")
        if self.name in self._classroom.barred:
            self._refuse("Your teacher is removing this name from the class.", "being removed")
        self.known = await self._asked(self._classroom.people.find, self.name)
        listed = self.known is not None and self.known.listed
        if not listed and await self._asked(self._classroom.people.roster):
            self.known = None
            self._refuse(f"{self.name} is not on this class's list; ask your teacher.", "not on the roster")

    def is_key(self, key: str) -> bool:
        """Whether this public key lets them in."""
        if self.known is not None and self.known.is_key(key):
            return True
        if key not in self.offered:
            self.offered.append(key)
        return False

    async def ask(self) -> Challenge | bool:
        """For the code."""
        if self._is_refused:
            return False
        if self._has_come:
            return self._challenge(f"Welcome back, {self.name}.")
        if self.known is not None:
            return self._challenge(f"Welcome to class {self._classroom.name}, {self.name}: your first visit.")
        return self._challenge(
            f"Nobody called {self.name} has been here. First visit? Type the join code.\n"
            "If you have been here, check the name."
        )

    async def answer(self, responses: Sequence[str]) -> Challenge | bool:
        """Let in, asked for something else, or turned away."""
        if self._is_refused:
            return False
        typed = responses[0] if len(responses) == 1 else ""
        if self._fresh:
            return await self._remembered(typed)
        await self._waited()  # others may have failed since it was asked
        self._classroom.attempts.wrong(*self._keys)  # so that many at once are no way around the wait
        if not await self._asked(self._is_right, typed):
            return self._wrong()
        self._classroom.attempts.forgive(address_key(self._address))
        self._classroom.attempts.right(name_key(self.name))
        if not self._has_come:
            await self.come_first()
            return True
        return self._right()

    async def come_first(self) -> None:
        """A first visit: the name is theirs from now on."""
        has_code = self.known is not None and self.known.code
        self.personal_code = "" if has_code else new_code(PERSONAL_SIGNS)
        hash_ = await self._asked(hashed, self.personal_code) if self.personal_code else ""
        try:
            self.known = await self._asked(self._classroom.people.first_visit, self.name, hash_, self.offered)
        except ClassError:
            self._refuse(f"Somebody else has just come as {self.name}: take another name.", "name just taken")
        self.is_first_visit = True
        self._audit("joined", keys=len(self.offered))

    @property
    def _has_come(self) -> bool:
        return self.known is not None and self.known.has_come

    def _is_right(self, code: str) -> bool:
        """At a first visit the personal code, if a teacher has given one, is as good as the join code."""
        if self.known is not None and is_right(code, self.known.code):
            return True
        return not self._has_come and is_right(code, self._classroom.people.join_code())

    def _challenge(self, words: str) -> Challenge:
        if wait := self._classroom.attempts.wait(*self._keys):
            self._too_long(wait)
            words += (
                f"\nThere were too many wrong codes. Please wait {ceil(wait)} s before you type this one."
            )
        return "", words, "", [(f"{self._which[0].upper()}{self._which[1:]}: ", False)]

    @property
    def _which(self) -> str:
        """The code that is asked for."""
        if self._has_come:
            return "your personal code"
        own = self.known is not None and self.known.code
        return "the join code of the class, or your personal code" if own else "the join code of the class"

    def _wrong(self) -> Challenge:
        code = "personal code" if self._has_come else "join code"
        wait = round(self._classroom.attempts.wait(*self._keys), 1)
        self._audit("refused", why=f"wrong {code}", wait=wait)
        self._tries -= 1
        whose = f"your {code}" if self._has_come else f"the {code}"
        if self._tries <= 0:
            self._refuse(
                f"That was not {whose} either. Ask your teacher for it, then try again.", "no tries left"
            )
        signs = PERSONAL_SIGNS if self._has_come else JOIN_SIGNS
        left = "1 try left" if self._tries == 1 else f"{self._tries} tries left"
        return self._challenge(
            f"That is not {whose} ({signs} letters and digits, not shown as you type).\n{left}."
        )

    def _right(self) -> Challenge | bool:
        """Somebody who has been here before, perhaps from another computer now."""
        assert self.known is not None  # noqa: S101  (they have come)
        self._fresh = self.offered[: MOST_KEYS - len(self.known.keys)]
        return ("", REMEMBER, "", [("Remember it? [y/N] ", True)]) if self._fresh else True

    async def _remembered(self, typed: str) -> bool:
        fresh, self._fresh = self._fresh, []
        if typed.strip().lower() in ("y", "yes"):
            await self._asked(self._classroom.people.add_keys, self.known, fresh)
            self._audit("key remembered", keys=len(fresh))
        return True

    async def _waited(self) -> None:
        while wait := self._classroom.attempts.wait(*self._keys):
            self._too_long(wait)
            await asyncio.sleep(min(wait, LOOK_AGAIN))

    def _too_long(self, wait: float) -> None:
        if wait > LONGEST_WAIT:
            self._refuse(f"Too many wrong codes; try again in {ceil(wait)} s.", "too many wrong codes")

    def _refuse(self, words: str, why: str) -> NoReturn:
        self._is_refused = True
        raise RefusedError(words, why)

    @property
    def _keys(self) -> tuple[str, str]:
        return address_key(self._address), name_key(self.name)

    async def _asked(self, function: Any, *arguments: Any) -> Any:
        """Hashing and the database take milliseconds that other learners' keys would wait for."""
        return await asyncio.get_running_loop().run_in_executor(self._classroom.thread, function, *arguments)


def how_to_come(connection: Any) -> str:
    """What a learner types; connection: theirs, or a channel of it."""
    here = connection.get_extra_info("sockname")
    port = f"-p {here[1]} " if here and here[1] != SSH_PORT else ""
    return f"ssh {port}NAME@HOST"
