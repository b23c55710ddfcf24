"""The one exception for what a user can mend, and the one for being asked to end."""


class InputError(ValueError):
    """What was given cannot be used. The message is one line: what is wrong, with which file or option, what to do."""


class Terminated(BaseException):
    """SIGTERM arrived: end cleanly, as after Ctrl-C (which is KeyboardInterrupt)."""
