"""The one exception for what a user can mend: a wrong option, a broken file, a missing folder."""


class InputError(ValueError):
    """What was given cannot be used. The message is one line: what is wrong, with which file or option, what to do."""
