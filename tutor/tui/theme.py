"""Two themes and the style sheet's words for them."""

from textual.theme import Theme

DARK = Theme(
    name="rl-dark",
    primary="#8ab4d8",
    secondary="#6b7c8c",
    accent="#f0b429",
    foreground="#d8dee4",
    background="#101418",
    surface="#101418",
    panel="#1b2229",
    success="#4cc38a",
    warning="#f0b429",
    error="#ff7b6b",
    dark=True,
    variables={"muted": "#8b98a5", "rule": "#36414c", "select": "#22303c"},
)

LIGHT = Theme(
    name="rl-light",
    primary="#1f5f99",
    secondary="#5b6670",
    accent="#8a5a00",
    foreground="#1d2227",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#eceeec",
    success="#0b6b3a",
    warning="#8a5a00",
    error="#b3261e",
    dark=False,
    variables={"muted": "#5b6670", "rule": "#c5cbd0", "select": "#dfe8ef"},
)

THEMES = {"dark": DARK, "light": LIGHT}
