"""File names as one clean line: a name may hold newlines, escape codes, or bytes that are no text at all."""


def printable(text: str) -> str:
    """The text with all that could break a line or a terminal written as an escape, such as \\n or \\udcff."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
