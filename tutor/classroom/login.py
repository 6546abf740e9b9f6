"""Who somebody is who connects: their name, their keys, and the codes that they type."""

import asyncio
from collections.abc import Callable, Sequence
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

from tutor.classroom.codes import JOIN_SIGNS, NAME_RULE, PERSONAL_SIGNS, is_name, is_right, signs
from tutor.classroom.errors import ClassError
from tutor.classroom.people import MOST_KEYS, Learner
from tutor.progress.events import clean_line

if TYPE_CHECKING:
    from tutor.classroom.serving import Classroom

SSH_PORT = 22
TRIES = 3  # codes that one connection may try
Challenge = tuple[
    str, str, str, list[tuple[str, bool]]
]  # as asyncssh has it; the last: prompts, and if they echo
REMEMBER = (
    "This computer has a key that is not known here.\n"
    "Remembered, it lets in whoever uses this computer as you, without a code.\n"
    "On a shared computer say n."
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
        self.by_own_code = False  # has come by their personal code
        self.offered: list[str] = []  # keys that let nobody in
        self._classroom = classroom
        self._address = address
        self._how = how
        self._audit = audit
        self._failed = 0  # codes that were wrong
        self._not_before = 0.0  # when the next may be looked at, by the monotonic clock
        self._is_unlisted = False  # not on the class's list: told only to whoever has shown who they are
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
        self._is_unlisted = not listed and bool(await self._asked(self._classroom.people.roster))

    def is_key(self, key: str) -> bool:
        """Whether this public key lets them in."""
        if self.known is not None and self.known.is_key(key):
            return True
        if key not in self.offered:
            self.offered.append(key)
        return False

    async def ask(self) -> Challenge | bool:
        """For the code: in the same words whoever it is, so that nobody is told who is in the class."""
        if self._is_refused:
            return False
        return self._challenge(
            f"Welcome to class {self._classroom.name}, {self.name}.\n"
            "First visit? Type the join code. Been here before? Type your personal code."
        )

    async def answer(self, responses: Sequence[str]) -> Challenge | bool:
        """Let in, asked for something else, or turned away."""
        if self._is_refused:
            return False
        typed = responses[0] if len(responses) == 1 else ""
        if self._fresh:
            return await self._remembered(typed)
        attempts = self._classroom.attempts
        await asyncio.sleep(max(self._not_before - monotonic(), 0.0))
        async with attempts.turn(self._address, self.name, self._failed):
            if not await self._asked(self._is_right, typed):
                return self._wrong()
            attempts.right(self._address, self.name)
        self.check_list()
        if self._has_come:
            return self._right()
        await self._come_first()
        return True

    def check_list(self) -> None:
        """Of somebody who has shown who they are."""
        if self._is_unlisted:
            self._refuse(f"{self.name} is not on this class's list; ask your teacher.", "not on the roster")

    async def _come_first(self) -> None:
        """A first visit: the keys that were offered are bound at once, a code once it has been read (`visit`)."""
        people = self._classroom.people
        if self.by_own_code:
            await self._asked(people.add_keys, self.known, self.offered)
            self.known = await self._asked(people.find, self.name)
        else:
            self.known = await self._asked(people.join, self.name, self.offered)
        if self.known is None:
            self._refuse(f"Somebody else has just come as {self.name}: take another name.", "name just taken")

    @property
    def _has_come(self) -> bool:
        return self.known is not None and self.known.has_come

    def _is_right(self, code: str) -> bool:
        """By its length a code is a personal one or a join code; one is looked at, whoever is in the class."""
        self.known = self._classroom.people.find(self.name)  # it may have changed since it was asked for
        if signs(code) == PERSONAL_SIGNS:
            self.by_own_code = is_right(code, self.known.code if self.known else "")
            return self.by_own_code
        is_join_code = is_right(code, self._classroom.people.join_code())
        return is_join_code and not (self.known is not None and self.known.is_taken)

    def _challenge(self, words: str) -> Challenge:
        wait = max(
            self._not_before - monotonic(), self._classroom.attempts.wait(self._address, self.name), 0.0
        )
        if wait:
            words += (
                f"\nThere were too many wrong codes. Please wait {ceil(wait)} s before you type this one."
            )
        return "", words, "", [("Join code or personal code: ", False)]

    def _wrong(self) -> Challenge:
        wait = self._classroom.attempts.wrong(self._address, self.name)
        self._not_before = monotonic() + wait
        self._audit("refused", why=f"wrong {'personal' if self._has_come else 'join'} code", wait=wait)
        self._failed += 1
        left = TRIES - self._failed
        if not left:
            self._refuse(
                f"No code was right for {self.name}. First visit? The name may be taken: try another. "
                "Else ask your teacher for a code.",
                "no tries left",
            )
        return self._challenge(
            f"That code is not right for {self.name}.\n"
            f"A join code has {JOIN_SIGNS} letters and digits, a personal code {PERSONAL_SIGNS}; they are not\n"
            f"shown as you type. {left} {'try' if left == 1 else 'tries'} left."
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

    def _refuse(self, words: str, why: str) -> NoReturn:
        self._is_refused = True
        raise RefusedError(words, why)

    async def _asked(self, function: Any, *arguments: Any) -> Any:
        """Hashing and the database take milliseconds that other learners' keys would wait for."""
        return await asyncio.get_running_loop().run_in_executor(self._classroom.thread, function, *arguments)


def how_to_come(connection: Any) -> str:
    """What a learner types; connection: theirs, or a channel of it."""
    here = connection.get_extra_info("sockname")
    port = f"-p {here[1]} " if here and here[1] != SSH_PORT else ""
    return f"ssh {port}NAME@HOST"
