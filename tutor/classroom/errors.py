"""What a teacher is told in one line."""


class ClassError(Exception):
    """Something about the class cannot be done as asked; the message says what, where and what to do."""
