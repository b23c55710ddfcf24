"""Messages: of odd file names, and of errors that others have caught."""

from colorization.errors import carried, one_line


def test_names_cannot_break_the_line():
    assert one_line("a\nb\x1b[31m\udcff.jpg") == "a\\nb\\x1b[31m\\udcff.jpg"
    assert one_line("Süße Grüße 猫.jpg") == "Süße Grüße 猫.jpg"


def test_what_another_library_has_wrapped_is_found():
    wrapped = RuntimeError(
        "{{node PyFunc}} InputError: a.tar is broken; copy it again\nTraceback (most recent call last)"
    )
    assert carried(wrapped) == "a.tar is broken; copy it again"
    assert carried(RuntimeError("out of memory")) == ""
