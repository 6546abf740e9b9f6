"""The keys of the clip lab. The first stand in the bottom line where it is narrow; `?` shows all."""

from textual.binding import Binding, BindingType

RATIO, ADVANTAGE, EPSILON = (f"{name} down or up" for name in ("the ratio r", "the advantage A", "epsilon"))

KEYS: list[BindingType] = [
    Binding("left", "ratio(-1)", "r, A", key_display="arrows", tooltip=RATIO),
    Binding("right", "ratio(1)", "r, A", show=False, tooltip=RATIO),
    Binding("down", "advantage(-1)", "A", show=False, tooltip=ADVANTAGE),
    Binding("up", "advantage(1)", "A", show=False, tooltip=ADVANTAGE),
    Binding("left_square_bracket", "epsilon(-1)", "epsilon", key_display="[ ]", tooltip=EPSILON),
    Binding("right_square_bracket", "epsilon(1)", "epsilon", show=False, tooltip=EPSILON),
    Binding("n", "preset", "next", tooltip="the next example"),
    Binding("o", "options", "options", tooltip="type ratio, probabilities, advantage, epsilon"),
    Binding("e", "explain", "explain", tooltip="what the numbers say, and the plot in words"),
    Binding("p", "predict", "predict", tooltip="predict what a sample does, then see"),
    Binding("u", "undo", "undo", tooltip="take the last change back"),
    Binding("f", "flip", "flip A", tooltip="the other sign of A"),
    Binding("0", "reset", "reset", tooltip="back to where this example began"),
    Binding("t", "model", "old from the model", show=False, tooltip="old probability from the toy model"),
    Binding("c", "code", "code", show=False, tooltip="the code that runs"),
    Binding("x", "export", "export", show=False, tooltip="save numbers and plot as CSV, text and SVG"),
]
