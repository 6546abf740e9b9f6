"""The keys of the grid editor. The first stand in the bottom line where it is narrow; `?` shows all."""

from textual.binding import Binding, BindingType

GO = "move the cursor"
LETTER = "a capital letter puts itself: a cell that pays"

KEYS: list[BindingType] = [
    Binding("up", "move(-1, 0)", "go", show=False, tooltip=GO),
    Binding("right", "move(0, 1)", "go", show=False, tooltip=GO),
    Binding("down", "move(1, 0)", "go", show=False, tooltip=GO),
    Binding("left", "move(0, -1)", "go", show=False, tooltip=GO),
    Binding("space", "cycle", "cell", tooltip="change the cell: floor, wall, start, each letter in turn"),
    Binding("w", "put('#')", "put", key_display="w s g t", tooltip="a wall"),
    Binding("s", "put('S')", "put", show=False, tooltip="the start; there is one"),
    Binding("g", "put_kind('goal')", "put", show=False, tooltip="a goal: the letter that pays most"),
    Binding("t", "put_kind('trap')", "put", show=False, tooltip="a trap: the letter that pays least"),
    Binding("c", "put_kind('cliff')", "put", show=False, tooltip="a cliff: it leads back to S"),
    Binding("full_stop,backspace,delete", "put('.')", "put", show=False, tooltip="floor"),
    Binding("A", "put('A')", "put", show=False, key_display="A-Z", tooltip=LETTER),
    Binding(
        "apostrophe",
        "letter",
        "put",
        show=False,
        tooltip="a cell that pays, its letter asked for: small ones, + and -",
    ),
    Binding("b", "restart", "back", show=False, tooltip="the letter leads back to S, or ends the episode"),
    Binding("o", "numbers", "set", tooltip="what letters pay; slip, step reward, gamma, step limit"),
    Binding(
        "right_square_bracket,shift+right",
        "add('column')",
        "size",
        key_display="[ ] { }",
        tooltip="a column more",
    ),
    Binding(
        "left_square_bracket,shift+left", "remove('column')", "size", show=False, tooltip="this column less"
    ),
    Binding("right_curly_bracket,shift+down", "add('row')", "size", show=False, tooltip="a row more"),
    Binding("left_curly_bracket,shift+up", "remove('row')", "size", show=False, tooltip="this row less"),
    Binding("u", "undo", "undo", tooltip="take the last change back"),
    Binding("r", "redo", "redo", show=False, tooltip="make it again"),
    Binding("enter", "use", "use", tooltip="use this grid"),
    Binding("k", "keep", "keep", tooltip="keep it under a name"),
    Binding("l", "open_saved", "list", tooltip="the grids there are: open or delete one"),
    Binding("i", "type_line", "line", tooltip="type or paste a grid as one line"),
    Binding("y", "copy", "copy", tooltip="copy the line of this grid"),
    Binding(
        "ctrl+c,super+c", "copy_selected", "copy", show=False, tooltip="copy what is selected, else the line"
    ),
]
