"""What the server must know of `preload` without loading it."""

PRELOAD = "tutor.classroom.preload"
COURSE_VARIABLE = "RL_TUTOR_CLASS_COURSE"
TORCH_VARIABLE = "RL_TUTOR_CLASS_TORCH"  # set: torch is loaded, too
