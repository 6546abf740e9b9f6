"""What learners answered, in the words of the lesson: options and items are kept by their number."""

import json
from functools import cache
from typing import Any

from tutor.course import Course, LessonError, Question, clean_line, load_lesson
from tutor.course.plaintext import markdown_lines
from tutor.progress.report import Answer


def answers_in_words(course: Course) -> Answer:
    """Of the questions of a course; what is not in it stays as it was kept. Lessons are read when they are needed."""

    @cache
    def questions(lesson: str) -> dict[str, Question]:
        info = next((info for info in course.lessons if info.id == lesson), None)
        try:
            found = [] if info is None else [q for step in load_lesson(info).steps for q in step.questions]
        except LessonError:
            return {}
        return {question.id: question for question in found}

    return lambda lesson, id, response: _words(questions(lesson).get(id), response)


def _words(question: Question | None, response: Any) -> str:
    numbers = response if isinstance(response, list) else [response]
    texts = [] if question is None else [option.text for option in question.options] or list(question.items)
    if numbers and all(type(number) is int and 0 <= number < len(texts) for number in numbers):
        return "; ".join(_plain(texts[number]) for number in numbers)
    return response if isinstance(response, str) else json.dumps(response, ensure_ascii=False)


def _plain(source: str) -> str:
    """What a screen shows of an option, without the signs of Markdown and LaTeX."""
    return clean_line(" ".join(line.text for line in markdown_lines(source))) or clean_line(source)
