"""How much of an update a frame carries."""

from typing import Literal

# metrics only, for many seeds and updates; with them where to go on from; or every number that was used
Detail = Literal["scalars", "state", "full"]
