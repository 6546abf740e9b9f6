"""The keys of the gridworld lab. The first stand in the bottom line where it is narrow; `?` shows all."""

from textual.binding import Binding, BindingType

MOVE = "act: the agent means to go there"
GAMMA = "gamma down or up"

# gamma is bound twice, once for each set of signs: the lab's `check_action` lets one of them act.
KEYS: list[BindingType] = [
    Binding("up", "act(0)", "go", key_display="arrows", tooltip=MOVE),
    Binding("right", "act(1)", "go", show=False, tooltip=MOVE),
    Binding("down", "act(2)", "go", show=False, tooltip=MOVE),
    Binding("left", "act(3)", "go", show=False, tooltip=MOVE),
    Binding("space", "policy_step", "step", show=False, tooltip="one step of the policy"),
    Binding("r", "run", "run", tooltip="run the policy, or pause it"),
    Binding("u", "undo", "undo", tooltip="take the last step back, its dice too"),
    Binding("left_square_bracket", "gamma(-1)", "γ", key_display="[ ]", tooltip=GAMMA),
    Binding("right_square_bracket", "gamma(1)", "γ", show=False, tooltip=GAMMA),
    Binding("left_square_bracket", "gamma_in_ascii(-1)", "gamma", key_display="[ ]", tooltip=GAMMA),
    Binding("right_square_bracket", "gamma_in_ascii(1)", "gamma", show=False, tooltip=GAMMA),
    Binding("0", "reset", "new", tooltip="start again with the same dice"),
    Binding("s", "seed", "new", show=False, tooltip="start again with the next seed: other dice"),
    Binding(
        "o", "options", "set", tooltip="set all options: grid, slip, step reward, gamma, seed, policy, speed"
    ),
    Binding("d", "draw", "draw", tooltip="draw a grid of your own, beginning with this one"),
    Binding("e", "explain", "why", tooltip="what happened and why, and the plots in words"),
    Binding("n", "preset", "next grid"),
    Binding("p", "predict", "predict", tooltip="predict what comes of the next action, then see"),
    Binding("plus,equals_sign", "speed(1)", "faster", show=False),
    Binding("minus", "speed(-1)", "slower", show=False),
    Binding("c", "code", "code", show=False, tooltip="the code that runs"),
    Binding(
        "x",
        "export",
        "export",
        show=False,
        tooltip="save steps and plots (CSV, text, SVG) in a new folder here",
    ),
]
