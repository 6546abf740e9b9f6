"""The keys that every lab has, in one table; a lab takes those that act in it and gives them its own words.

The first of a lab's keys stand in the bottom line where it is narrow; `?` shows all.
"""

from dataclasses import replace

from textual.binding import Binding, BindingType

GAMMA = "gamma down or up"

_KEYS = {
    "step": Binding("space", "step", "step", key_display="space r", tooltip="one step of the policy"),
    "run": Binding("r", "run", "run", show=False, tooltip="run the policy, or pause it"),
    "undo": Binding("u", "undo", "undo", tooltip="take the last step back, its dice too"),
    "reset": Binding("0", "reset", "new", key_display="0 s", tooltip="start again with the same dice"),
    "seed": Binding(
        "s", "seed", "new", show=False, tooltip="start again with the next seed: new random numbers"
    ),
    "options": Binding("o", "options", "set", tooltip="set all options"),
    "draw": Binding("d", "draw", "draw", tooltip="draw a grid of your own, beginning with this one"),
    "explain": Binding("e", "explain", "why", tooltip="what happened and why, and the plots in words"),
    "preset": Binding("n", "preset", "next", tooltip="the next example"),
    "predict": Binding("p", "predict", "predict", tooltip="predict what comes next, then see"),
    "faster": Binding("plus,equals_sign", "speed(1)", "faster", show=False),
    "slower": Binding("minus", "speed(-1)", "slower", show=False),
    "code": Binding("c", "code", "code", show=False, tooltip="the code that runs"),
    "export": Binding("x", "export", "export", show=False, tooltip="save everything in a new folder here"),
}

ABSENT = {
    "space": "Nothing goes step by step in this lab.",
    "r": "Nothing runs by itself in this lab.",
    "u": "There is nothing to take back in this lab.",
    "s": "No dice are thrown in this lab.",
    "n": "This lab has no further examples.",
    "p": "There is nothing to predict in this lab.",
    "d": "This lab has no grid of yours to draw.",
}  # keys of the table that a lab may lack: what it says when one is pressed all the same


def key(
    name: str, label: str = "", tooltip: str = "", display: str = "", *, show: bool | None = None
) -> BindingType:
    """The key of that name in the table; label (in the bottom line), tooltip (under `?`) and display where given."""
    found = _KEYS[name]
    return replace(
        found,
        description=label or found.description,
        tooltip=tooltip or found.tooltip,
        key_display=display or found.key_display,
        show=found.show if show is None else show,
    )


def keys(*names: str) -> list[BindingType]:
    """Several keys as they stand in the table."""
    return [key(name) for name in names]


def arrows(action: str, label: str, tooltip: str) -> list[BindingType]:
    """The arrows, numbered as the gridworld's actions are; they share a place in the bottom line."""
    up, *others = (
        Binding(name, f"{action}({number})", label, show=False, tooltip=tooltip)
        for number, name in enumerate(("up", "right", "down", "left"))
    )
    return [replace(up, key_display="arrows", show=True), *others]


def pair(first: str, second: str, action: str, label: str, tooltip: str, display: str) -> list[BindingType]:
    """Two keys that go one step down and up; they share a place in the bottom line."""
    return [
        Binding(first, f"{action}(-1)", label, key_display=display, tooltip=tooltip),
        Binding(second, f"{action}(1)", label, show=False, tooltip=tooltip),
    ]


def main(action: str, label: str, tooltip: str) -> list[BindingType]:
    """`[` and `]`, which change the lab's main parameter."""
    return pair("left_square_bracket", "right_square_bracket", action, label, tooltip, "[ ]")


def gamma() -> list[BindingType]:
    """`[` and `]` for gamma, once for each set of signs: the lab's `check_action` lets one of them act."""
    return [*main("gamma", "γ", GAMMA), *main("gamma_in_ascii", "gamma", GAMMA)]


def running(unit: str) -> list[BindingType]:
    """The keys of a lab that runs in a process of its own: run, and one further."""
    return [
        key("run", "run", "run, or pause", show=True),
        key("step", "step", f"pause; or, while it is paused, one {unit} further", "space"),
    ]


def looking(unit: str) -> list[BindingType]:
    """Those that look at what was before."""
    back, on = f"look at the {unit} before", f"look at the {unit} after"
    return [
        Binding("left", "look(-1)", "look", key_display="arrows", tooltip=back),
        Binding("right", "look(1)", "look", show=False, tooltip=on),
        Binding("pageup", "look(-10)", f"10 {unit}s back", show=False),
        Binding("pagedown", "look(10)", f"10 {unit}s on", show=False),
        Binding("home", "look(-1000000)", f"the first {unit}", show=False),
        Binding("end", "look(1000000)", "the last, and those to come", show=False),
    ]
