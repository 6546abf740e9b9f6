"""A first visit, from the login to the enter under the page that shows the personal code.

A session that never gets there (refused, no terminal, no room, a line that breaks) changes nothing: the next one is a
first visit again. Only a key is bound at once: then the name is its owner's, who is shown a code when they come again.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tutor.classroom.codes import PERSONAL_SIGNS, hashed, new_code
from tutor.classroom.errors import ClassError
from tutor.classroom.people import Learner

if TYPE_CHECKING:
    from tutor.classroom.serving import Classroom

UNREADABLE = "The class's list cannot be read just now; try again in a minute."


class FirstVisit:
    """One connection's. Raises ClassError in words for the learner."""

    def __init__(
        self, classroom: "Classroom", learner: Learner, audit: Callable[..., None], *, by_own_code: bool
    ) -> None:
        """by_own_code: they have come by a personal code, so that none is drawn."""
        self._classroom = classroom
        self._learner = learner
        self._audit = audit
        self._needs_code = not by_own_code
        self._code = ""
        self._is_over = False
        self._turn = asyncio.Lock()  # sessions of one connection show one code

    async def page(self) -> list[str]:
        """What is shown before the tutor opens; nothing once it has been read."""
        async with self._turn:
            if self._is_over:
                return []
            earlier = bool(self._learner.code) and not self._code
            if self._needs_code:
                await self._draw()
            return self._lines(earlier)

    async def read(self) -> None:
        """The page has been read: from now on they are a learner of this class."""
        async with self._turn:
            if self._is_over:
                return
            if not await self._asked(self._classroom.people.settle, self._learner):
                raise ClassError(self._meanwhile)
            self._is_over, self._code = True, ""
            self._audit("joined", keys=len(self._learner.keys))

    async def _draw(self) -> None:
        code = new_code(PERSONAL_SIGNS)
        given = await self._asked(lambda: self._classroom.people.give_code(self._learner, hashed(code)))
        if given is None:
            raise ClassError(self._meanwhile)
        self._learner, self._code, self._needs_code = given, code, False

    def _lines(self, earlier: bool) -> list[str]:
        shown = [
            f"Your personal code:  {self._code}",
            "",
            "It lets you in from any computer. It is shown this once: write it down.",
            *(["One that you were given before lets nobody in any more."] if earlier else []),
        ]
        given = ["Your personal code is the one that you have typed."]
        bound = [
            "This computer's key was bound to your name: from here you need no code.",
            "Is the computer shared with others? Ask your teacher to forget its key.",
        ]
        return [
            f"Welcome to class {self._classroom.name}, {self._learner.name}.",
            "",
            *(shown if self._code else given),
            *(bound if self._learner.keys else []),
        ]

    @property
    def _meanwhile(self) -> str:
        return f"Somebody has come as {self._learner.name} meanwhile, or the code was changed: connect again."

    async def _asked(self, function: Any, *arguments: Any) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._classroom.thread, function, *arguments
            )
        except ClassError as error:
            self._audit("refused", why=str(error))
            raise ClassError(UNREADABLE) from error
