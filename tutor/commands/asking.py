"""A question on the terminal before something is gone for good."""


def typed(question: str) -> str:
    """What is typed at it, in lower case; nothing where the input is closed."""
    try:
        return input(question).strip().lower()
    except EOFError:
        print()
        return ""
