"""The keys of the gridworld lab. The first stand in the bottom line where it is narrow; `?` shows all."""

from textual.binding import Binding, BindingType

MOVE = "act: the agent means to go there"

KEYS: list[BindingType] = [
    Binding("up", "act(0)", "move", key_display="arrows", tooltip=MOVE),
    Binding("right", "act(1)", "move", show=False, tooltip=MOVE),
    Binding("down", "act(2)", "move", show=False, tooltip=MOVE),
    Binding("left", "act(3)", "move", show=False, tooltip=MOVE),
    Binding("u", "undo", "undo", tooltip="take the last step back, its dice too"),
    Binding("r", "run", "run", tooltip="run the policy, or pause it"),
    Binding("left_square_bracket", "gamma(-1)", "gamma", key_display="[ ]", tooltip="gamma down or up"),
    Binding("right_square_bracket", "gamma(1)", "gamma", show=False, tooltip="gamma down or up"),
    Binding("o", "options", "options", tooltip="all options: grid, slip, step reward, seed, policy, speed"),
    Binding("e", "explain", "explain", tooltip="what happened and why, and the plots in words"),
    Binding("0", "reset", "reset", tooltip="start again with the same dice"),
    Binding("space", "policy_step", "step", tooltip="one step of the policy"),
    Binding("n", "preset", "next grid"),
    Binding("s", "seed", "seed", tooltip="start again with the next seed: other dice"),
    Binding("p", "predict", "predict", tooltip="predict what comes of the next action, then see"),
    Binding("plus,equals_sign", "speed(1)", "faster", show=False),
    Binding("minus", "speed(-1)", "slower", show=False),
    Binding("c", "code", "code", show=False, tooltip="the code that runs"),
    Binding("x", "export", "export", show=False, tooltip="save steps and plots as CSV, text and SVG"),
]
