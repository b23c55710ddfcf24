"""What the published demos do, with our network: the script that the marks of `make bench` are compared with.

    python benchmarks/plain_script.py MODEL_FOLDER OUTPUT_FOLDER PICTURE_OR_FOLDER ...

Pillow reads and writes, scikit-image converts to Lab and back, ONNX Runtime runs model.onnx with its own defaults, and
ab is enlarged bilinearly. Nothing of this project is imported.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

QUALITY = 95  # what the program itself writes


class PlainScript:
    """A network, and the size at which it sees a picture."""

    def __init__(self, model: Path):
        """Load model.json and model.onnx of a model folder."""
        card = json.loads((model / "model.json").read_text())
        self.input_size = card.get("input_size", 256)
        self.conditions = {name: each for name, each in card.get("conditions", {}).items() if each["kind"] != "number"}
        self.session = onnxruntime.InferenceSession(str(model / "model.onnx"), providers=["CPUExecutionProvider"])

    def colorize(self, source: Path, target: Path) -> None:
        """Read a picture, give it colours, and write it as a JPEG."""
        rgb = np.asarray(Image.open(source).convert("RGB"))
        L = rgb2lab(rgb)[..., :1]
        ab = enlarged(self.predict_ab(rgb), rgb.shape[:2])
        painted = lab2rgb(np.concatenate([L, ab], axis=-1))
        Image.fromarray(np.uint8(np.rint(255 * painted))).save(target, quality=QUALITY, subsampling="4:4:4")

    def predict_ab(self, rgb: np.ndarray) -> np.ndarray:
        """Return ab (h', w', 2) on the network's grid for uint8 RGB (H, W, 3)."""
        scale = min(1.0, self.input_size / min(rgb.shape[:2]))
        height, width = (max(round(side * scale), 1) for side in rgb.shape[:2])
        small = np.asarray(Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR))
        L = np.float32(rgb2lab(small)[None, ..., :1])
        [ab] = self.session.run(["ab"], {"L": L, **self.defaults(L.shape)})
        return ab[0]

    def defaults(self, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
        """Return the planes and vectors that the network takes beside L (1, h, w, 1), with their defaults."""
        sizes = {"plane": shape[:3], "vector": shape[:1]}
        return {
            name: np.broadcast_to(np.float32(each.get("default", 0.0)), (*sizes[each["kind"]], each["channels"])).copy()
            for name, each in self.conditions.items()
        }


def enlarged(ab: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return ab (h, w, 2) enlarged bilinearly to (H, W, 2)."""
    channels = [Image.fromarray(np.float32(ab[..., i])).resize(size[::-1], Image.Resampling.BILINEAR) for i in (0, 1)]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def main(model: str, output: str, *words: str) -> None:
    script, folder = PlainScript(Path(model)), Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    for word in map(Path, words):
        for source in sorted(word.iterdir()) if word.is_dir() else [word]:
            script.colorize(source, folder / f"{source.stem}.jpg")


if __name__ == "__main__":
    main(*sys.argv[1:])
