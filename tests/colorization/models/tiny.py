"""Every network as small as it goes, and weights for it that answer in colour without training."""

from dataclasses import replace

import numpy as np

from colorization.models import ddcolor, efficientnet_lite, resnet

TINY = {  # what makes it small, by its name
    "unet": {"width": 4, "depth": 2},
    "classification": {"width": 4},
    "siggraph17": {"width": 4},
    "chromagan": {"width": 4, "semantic": "labels", "backbone": "none"},
    "guided": {"width": 2, "encoder": "none"},
    "ddcolor": {"width": 4, "queries": 3, "encoder": "none"},
    "deoldify": {"width": 4},
}


def shorten(patch):
    """Give networks fewer parts of a kind where no setting does: DDColor's rounds, the encoders' blocks.

    One stage keeps two blocks, so that it goes on at its own size, too. patch: pytest's MonkeyPatch.
    """
    patch.setattr(ddcolor, "ROUNDS", 1)
    stages = [replace(stage, repeats=2 if i == 1 else 1) for i, stage in enumerate(efficientnet_lite.STAGES)]
    patch.setattr(efficientnet_lite, "STAGES", stages)
    for name, variant in resnet.VARIANTS.items():
        patch.setitem(resnet.VARIANTS, name, resnet.Variant((1, 2, 1, 1), variant.bottleneck))


def give_random_weights(network, seed=3):
    """Give the network random weights of He's scale: what rounding changes in one layer grows in none that follows."""
    random = np.random.default_rng(seed)
    for variable in network.trainable_variables:
        fan_in = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 100
        variable.assign(random.normal(0, np.sqrt(2 / fan_in), variable.shape))
