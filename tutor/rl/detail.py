"""How much of an update a frame carries."""

from typing import Literal

Detail = Literal["scalars", "full"]  # metrics only, for many seeds and updates; or every number that was used
