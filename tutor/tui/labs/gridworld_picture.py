"""The session as cells of the map and as charts: plain data, drawn elsewhere."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from tutor.charts.chart import Chart, Series
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.episodes import StepFrame
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_session import DELTAS, GridworldSession
from tutor.tui.labs.gridworld_words import Line, number, signed, symbol
from tutor.tui.widgets.grid import Cell

Ink = Callable[[str], str]  # a quantity, or ground, tile, wall, muted, text -> #rrggbb
GROUNDS = ("ground", "tile", "wall", "muted", "text", "reward")  # what a map has before anybody walks on it


def cells(session: GridworldSession, cell_width: int, glyphs: Glyphs, ink: Ink) -> list[list[Cell]]:
    """The map: walls, S, what cells pay, where the agent has been and is, and how the last step went."""
    env = session.env
    world = [list(row) for row in _world(env, cell_width, glyphs, tuple(map(ink, GROUNDS)))]
    trail = (glyphs.trail, ink("state"))
    signs = dict.fromkeys((state for state, count in enumerate(session.visits) if count), trail)
    for state, (text, style) in _last_move(session, glyphs).items():
        signs[state] = text, f"{style} {ink('action')}".strip()
    for state, (text, style) in signs.items():
        if env.character(state) not in env.rewards:
            row, col = env.cells[state]
            world[row][col] = world[row][col]._replace(text=text, style=style)
    row, col = env.cells[session.state]
    world[row][col] = _agent(session, cell_width, glyphs, ink)
    return world


def _agent(session: GridworldSession, cell_width: int, glyphs: Glyphs, ink: Ink) -> Cell:
    letter = session.env.character(session.state)
    label = pay_label(session.env, letter, cell_width, glyphs) if letter in session.env.rewards else ""
    text = f"{glyphs.agent}{label}" if len(label) + 1 < cell_width else glyphs.agent
    return Cell(text, f"bold {ink('ground')}", ink("state"))


@lru_cache(maxsize=4)
def _world(env: Gridworld, cell_width: int, glyphs: Glyphs, inks: tuple[str, ...]) -> list[list[Cell]]:
    """The map before anybody has walked on it. inks: those of GROUNDS."""
    ink = dict(zip(GROUNDS, inks, strict=True))
    return [
        [_cell(env, row, col, cell_width, glyphs, ink) for col in range(env.cols)] for row in range(env.rows)
    ]


def _cell(
    env: Gridworld, row: int, col: int, cell_width: int, glyphs: Glyphs, ink: Mapping[str, str]
) -> Cell:
    state = env.state_at(row, col)
    if state is None:
        return Cell("", ink["wall"], fill=glyphs.wall)
    ground = ink["tile"] if (row + col) % 2 else ink["ground"]
    letter = env.character(state)
    if letter in env.rewards:
        return Cell(pay_label(env, letter, cell_width, glyphs), f"bold {ink['reward']}", ground)
    if state == env.start:
        return Cell("S", ink["text"], ground)
    return Cell(glyphs.floor, ink["muted"], ground)


def _last_move(session: GridworldSession, glyphs: Glyphs) -> dict[int, tuple[str, str]]:
    """State -> (arrow, style): the way out of the last cell; after a slip also where the meant move would have led."""
    frame = session.last
    if frame is None:
        return {}
    marks = {frame.state: (glyphs.arrows[frame.moved], "bold")}
    if frame.slipped and (meant := _neighbour(session, frame)) is not None:
        marks[meant] = (f"({glyphs.arrows[frame.action]})", "")
    return marks


def _neighbour(session: GridworldSession, frame: StepFrame) -> int | None:
    row, col = session.env.cells[frame.state]
    down, right = DELTAS[frame.action]
    return session.env.state_at(row + down, col + right)


def pay_label(env: Gridworld, letter: str, cell_width: int, glyphs: Glyphs) -> str:
    """What stands in a cell that pays: the number where it fits, else the map's letter (the legend has its number)."""
    pay = env.rewards[letter]
    label = signed(pay, glyphs)
    return label if pay and len(label) < cell_width else letter


def legend(session: GridworldSession, cell_width: int, glyphs: Glyphs) -> list[Line]:
    """What the signs mean: the agent and its trail; what the paying letters pay and do."""
    frame = session.last
    if frame is None:
        signs: Line = [(glyphs.agent, "state"), (" you, on the start S", "muted")]
    else:
        signs = [(glyphs.agent, "state"), (" you  ", "muted"), (glyphs.trail, "state"), (" been  ", "muted")]
        arrow, word = (
            (f"({glyphs.arrows[frame.action]})", " meant")
            if frame.slipped
            else (
                glyphs.arrows[frame.moved],
                " last move",
            )
        )
        signs += [(arrow, "action"), (word, "muted")]
    pays = [_ends(session, cell_width, glyphs), *_falls(session, glyphs)]
    return [signs, *(line for line in pays if line)]


def _ends(session: GridworldSession, cell_width: int, glyphs: Glyphs) -> Line:
    """`+1, −1 end the episode`; where the map has only room for letters `G (+1) ends the episode`."""
    letters = [letter for letter in session.env.rewards if letter not in session.env.restarts]
    line: Line = []
    for letter in letters:
        label = pay_label(session.env, letter, cell_width, glyphs)
        line += [(", ", "muted")] if line else []
        line.append((label, "reward"))
        if label == letter:
            line.append((f" ({signed(session.env.rewards[letter], glyphs)})", "muted"))
    return [*line, (f" {'ends' if len(letters) == 1 else 'end'} the episode", "muted")] if line else []


def _falls(session: GridworldSession, glyphs: Glyphs) -> list[Line]:
    """`C −100 in all, back to S`: what falling costs in all, which is what the learner sees as R."""
    env = session.env
    falls = [letter for letter in env.rewards if letter in env.restarts]
    return [
        [
            (f"{letter} {number(env.rewards[letter] + env.step_reward, glyphs)}", "reward"),
            (" in all, back to S", "muted"),
        ]
        for letter in falls
    ]


# Charts


def reward_chart(session: GridworldSession) -> Chart:
    """R at each step, as stems."""
    steps = range(1, session.t + 1)
    rewards = [frame.reward for frame in session.frames]
    return Chart(
        title="reward R per step",
        x_label="step",
        series=(Series("", steps, rewards, quantity="reward", style="stems"),) if rewards else (),
        empty="The reward of every step appears here.",
    )


def return_chart(session: GridworldSession, glyphs: Glyphs) -> Chart:
    """G_0 so far after each step, from 0."""
    return Chart(
        title=f"return {symbol('G', 0, glyphs)} so far",
        x_label="step",
        series=(Series("", range(session.t + 1), [0.0, *session.returns], quantity="return", style="steps"),)
        if session.frames
        else (),
        empty="The return grows here, step by step.",
    )
