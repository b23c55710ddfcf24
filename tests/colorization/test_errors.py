"""File names in messages."""

from colorization.errors import one_line


def test_names_cannot_break_the_line():
    assert one_line("a\nb\x1b[31m\udcff.jpg") == "a\\nb\\x1b[31m\\udcff.jpg"
    assert one_line("Süße Grüße 猫.jpg") == "Süße Grüße 猫.jpg"
