"""A class over SSH: one machine serves the tutor to many learners, who install nothing.

front (asyncssh: who may come in, what is refused)  ->  bridge (one session: terminal, limits)  ->  pool (children
started ahead)  ->  child (the ordinary tutor on an ordinary PTY). Only this package imports asyncssh and argon2.
"""
