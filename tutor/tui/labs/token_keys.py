"""The keys of the token lab. The first stand in the bottom line where it is narrow; `?` shows all."""

from textual.binding import Binding, BindingType

POINT = "point at another token, up or down the list"
TEMPERATURE = "temperature down or up"

KEYS: list[BindingType] = [
    Binding(
        "space", "step", "sample", key_display="space r", tooltip="act: the model samples its next token"
    ),
    Binding("up", "point(-1)", "choose", show=False, tooltip=POINT),
    Binding("down", "point(1)", "choose", show=False, tooltip=POINT),
    Binding("enter", "force", "force", tooltip="act: force the token that the cursor points at"),
    Binding("r", "run", "run", show=False, tooltip="let the model answer to the end, or pause it"),
    Binding("u", "undo", "undo", tooltip="take the last token back, its dice too"),
    Binding("left_square_bracket", "temperature(-1)", "temp.", key_display="[ ]", tooltip=TEMPERATURE),
    Binding("right_square_bracket", "temperature(1)", "temp.", show=False, tooltip=TEMPERATURE),
    Binding(
        "o",
        "options",
        "set",
        tooltip="set all options: a prompt of your own, temperature, gamma, seed, speed",
    ),
    Binding("e", "explain", "why", tooltip="what happened and why, and the plots in words"),
    Binding("n", "preset", "next", tooltip="the next prompt"),
    Binding("0", "reset", "new", key_display="0 s", tooltip="start again with the same dice"),
    Binding("s", "seed", "new", show=False, tooltip="start again with the next seed: other dice"),
    Binding("pageup", "point(-8)", "8 tokens up", show=False),
    Binding("pagedown", "point(8)", "8 tokens down", show=False),
    Binding("home", "point(-999)", "the likeliest token", show=False),
    Binding("end", "point(999)", "the least likely token", show=False),
    Binding("plus,equals_sign", "speed(1)", "faster", show=False),
    Binding("minus", "speed(-1)", "slower", show=False),
    Binding("c", "code", "code", show=False, tooltip="the code that runs"),
    Binding(
        "x",
        "export",
        "export",
        show=False,
        tooltip="save tokens and plots (CSV, text, SVG) in a new folder here",
    ),
]
