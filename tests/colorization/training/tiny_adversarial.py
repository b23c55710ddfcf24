"""Networks that learn against a critic, as small as they go."""

from colorization.config import ChromaganConfig, DdcolorConfig
from colorization.models.colorizer import DatasetStats

TINY = ChromaganConfig(width=4, semantic="labels", backbone="none", critic_steps=1)
TINY_DDCOLOR = DdcolorConfig(encoder="none", width=8, queries=3, adversarial_weight=0.5)
STATS = DatasetStats(classes=("cat", "dog", "cow"), size=16)
