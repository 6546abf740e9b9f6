"""How many rows a step takes on a screen of 80 columns, without a screen: for `rl-tutor check`.

The widths are those of the page of a lesson at 80 x 24 (a test compares every shipped step with the page itself).
"""

from tutor.course.checking import COUNTED
from tutor.course.types import Block, ChartBlock, LabBlock, Prose, Question, Step
from tutor.tui.lesson_state import Texts
from tutor.tui.prose import Look, lay_out
from tutor.tui.question_state import is_typed

TEXT = 77  # cells of a line of text
QUESTION = 74  # inside a question's border
OPTION, ITEM = QUESTION - 6, QUESTION - 5  # after the cursor, the sign and the number
LAB, CHART = 17, 12  # rows
ENOUGH = COUNTED * TEXT  # characters: laid out alone, they mostly show that a text is too long


def step_rows(step: Step) -> int:
    """The rows of a step that has just been opened: no hint, no verdict; what needs a run counts as one sign.

    Of a text that takes more than COUNTED rows not all need be counted.
    """
    texts = Texts()
    heading = f"## {texts.expanded(step.title)}\n\n" if step.title else ""
    first, blocks = "", step.blocks
    if blocks and isinstance(blocks[0], Prose):
        first, blocks = texts.expanded(blocks[0].text), blocks[1:]
    return _lines(heading + first, TEXT) + sum(1 + _block(block, texts) for block in blocks)


def _lines(text: str, width: int) -> int:
    rows = len(lay_out(text[:ENOUGH], width, Look()))
    return rows if len(text) <= ENOUGH or rows > COUNTED else len(lay_out(text, width, Look()))


def _block(block: Block, texts: Texts) -> int:
    if isinstance(block, Prose):
        return _lines(texts.expanded(block.text), TEXT)
    if isinstance(block, Question):
        return _question(block, texts)
    return {LabBlock: LAB, ChartBlock: CHART}[type(block)]


def _question(question: Question, texts: Texts) -> int:
    """Its header, its text, and the options, the items or the line to type in."""
    rows = 1 + max(1, _lines(texts.expanded(question.question), QUESTION))
    if is_typed(question):
        return rows + 1
    shown = [(option.text, OPTION) for option in question.options] + [(i, ITEM) for i in question.items]
    return rows + sum(max(1, _lines(texts.expanded(text), width)) for text, width in shown)
