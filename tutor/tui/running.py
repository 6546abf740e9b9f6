"""Runs the application from its first frame to its last write."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


def run_until_left(app: "TutorApp") -> int:
    """Until the learner leaves, or a signal says so; the exit status."""
    from tutor.experiments.long_runs import long_runs_elsewhere
    from tutor.tui.leaving import leave_on_signals

    try:
        with leave_on_signals(app), long_runs_elsewhere() as long_runs:
            app.before_leaving(long_runs.close)
            app.run()
    except Exception as error:
        from tutor.tui.mistakes import write_down

        words = "rl-tutor has made a mistake and had to stop; what you did is kept."
        print(f"{words} {write_down(error)}.", file=sys.stderr)
        return 1
    finally:
        app.close_store()
    if owed := app.store.owed:
        print(f"rl-tutor: not saved, {owed} of what you did: {app.store.problem}", file=sys.stderr)
        return 1
    return app.return_code or 0
