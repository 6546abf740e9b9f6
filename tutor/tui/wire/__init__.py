"""Only what changed goes over the wire: the cells of a frame are compared with what the terminal shows.

`pens` and `shown` are pure (cells in, text out; they know no Textual), `cells` and `difference` read Textual's updates,
`app` puts the comparison into an `App`.
"""

import os

SWITCH = (
    "RL_TUTOR_FULL_FRAMES"  # environment variable: anything but nothing and 0 sends every drawn part whole
)


def sends_full_frames() -> bool:
    """Whether the comparison is switched off from outside."""
    return os.environ.get(SWITCH, "") not in ("", "0")
