"""Frames of an experiment -> Chart (plain data) -> text by plotext, words, files. Knows neither screens nor RL."""
