"""The catalogue by topic: every module has its EXPERIMENTS and LABS, in the order of the course, and needs no numpy."""
