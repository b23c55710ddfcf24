"""File names in messages."""

from colorization.printable import printable


def test_names_cannot_break_the_line():
    assert printable("a\nb\x1b[31m\udcff.jpg") == "a\\nb\\x1b[31m\\udcff.jpg"
    assert printable("Süße Grüße 猫.jpg") == "Süße Grüße 猫.jpg"
