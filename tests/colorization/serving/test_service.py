from skimage import data

from colorization.pictures import Photograph
from colorization.serving.service import Colorized


def test_colours_that_a_picture_has_are_noted():
    photograph = Photograph(data.coffee(), None, "PNG", ("its name lies",))
    notes = Colorized(photograph, photograph.rgb).notes
    assert notes == ("its name lies", "it has colours of its own; they were replaced")
