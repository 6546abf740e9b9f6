"""The toy language model: reading it needs numpy only, training it needs torch."""
