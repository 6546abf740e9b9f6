"""What to see in the curves of runs: `general` for all of them, and a module for each experiment with its own rules."""
