"""Networks that give grey pictures their colours.

import colorization
colorize = colorization.load()  # or load("saved_models/my-run")
picture = colorize(picture)  # uint8, grey or RGB, any size, one picture or a batch -> uint8 RGB
"""

__version__ = "0.1.0"  # pyproject.toml reads it here


def load(path=None):
    """Return the exported model in `path`, or the bundled one of that name, as a function of pictures.

    The function takes uint8 pictures of any size: (H, W), (H, W, 1), (H, W, 3) or a batch (B, H, W, 1 or 3), and
    gives uint8 RGB of the same height and width, (H, W, 3) or (B, H, W, 3). The lightness is kept. It also takes what
    `colorize` takes: look="vivid", saturation=1.2, hints=[colorization.inference.hints.Hint(120, 80, (192, 48, 32))].
    Raises InputError (a ValueError) if `path` holds no exported model. Needs no TensorFlow.
    """
    from colorization.inference.bundled import bundled_model, model_path
    from colorization.inference.colorize import load_colorizer

    return load_colorizer(model_path(path) if path else bundled_model())
