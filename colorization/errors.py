"""The one exception for what a user can mend, the one for being asked to end, and messages that stay in one line."""

import re


class InputError(ValueError):
    """What was given cannot be used. The message is one line: what is wrong, with which file or option, what to do."""


class Terminated(BaseException):
    """SIGTERM arrived: end cleanly, as after Ctrl-C (which is KeyboardInterrupt)."""


def carried(error: Exception) -> str:
    """Return what an InputError said that another library has caught and put into an error of its own; else nothing.

    TensorFlow does so with what a function of ours raises that reads its batches.
    """
    said = re.search("InputError: (.*)", str(error))
    return said[1] if said else ""


def one_line(text: str) -> str:
    """Return text with all that could break a line or a terminal written as an escape, such as \\n or \\udcff.

    A file's name may hold newlines, escape codes, or bytes that are no text at all.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
