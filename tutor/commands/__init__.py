"""The commands: each module has `add(subparsers)`, and `run(args)` that imports what it needs only then."""
