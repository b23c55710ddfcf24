"""Make the figures of colour-spaces.md from scikit-image's own photographs. Takes about ten seconds.

python docs/colour_spaces.py
"""

import io
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
import skimage.data  # noqa: E402
from PIL import Image  # noqa: E402
from skimage.transform import resize  # noqa: E402

from colorization.color.gamut import fit_to_gamut  # noqa: E402
from colorization.color.lab import lab_to_uint8, rgb_to_lab  # noqa: E402
from data_pipelines.color_spaces import hsv_to_rgb, rgb_to_hsv  # noqa: E402

PICTURES = Path(__file__).parent / "pictures"
SIDE = 180  # pixels of a photograph in a figure
DPI = 100


def photograph(name):
    """Return a square photograph of scikit-image: uint8 (SIDE, SIDE, 3)."""
    picture = getattr(skimage.data, name)()
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    square = picture[top : top + side, left : left + side]
    return np.uint8(np.round(255 * resize(square, (SIDE, SIDE), anti_aliasing=True)))


def split(rgb):
    """Return L (H, W, 1) and ab (H, W, 2) of uint8 RGB (H, W, 3)."""
    lab = rgb_to_lab(rgb)
    return lab[..., :1], lab[..., 1:]


def join(L, ab):
    """Return uint8 RGB of L and ab, whose shapes broadcast; clipped where out of gamut."""
    ab = np.asarray(ab, "float32")
    return np.asarray(lab_to_uint8(np.broadcast_to(np.float32(L), (*ab.shape[:-1], 1)), ab))


def save(rows, name):
    """Write rows of (title, picture) as one PNG. Grey pictures (H, W) are scaled so that 0..1 is black..white."""
    columns = max(len(row) for row in rows)
    size = columns * SIDE * 1.04 / DPI, len(rows) * (SIDE + 22) / DPI
    figure, axes = plt.subplots(len(rows), columns, figsize=size, dpi=DPI, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for row, row_of_axes in zip(rows, axes, strict=True):
        for (title, picture), axis in zip(row, row_of_axes, strict=False):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set_title(title, fontsize=9, pad=3)
    figure.subplots_adjust(left=0.005, right=0.995, bottom=0.01, top=1 - 0.19 / size[1], wspace=0.03, hspace=0.12)
    write(figure, name)


def write(figure, name, palette=256):
    """Save a PNG. 256 colours take a third of the bytes, and on photographs the eye sees no difference."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DPI)
    plt.close(figure)
    PICTURES.mkdir(exist_ok=True)
    picture = Image.open(buffer).convert("RGB")
    picture = picture.quantize(palette, dither=Image.Dither.FLOYDSTEINBERG) if palette else picture
    picture.save(PICTURES / name, optimize=True)
    print(f"{name}: {(PICTURES / name).stat().st_size // 1024} KB")


def channels():
    """Show one photograph's channels in RGB, HSV and Lab; hue, a and b in the colours that they stand for."""
    rgb = photograph("astronaut")
    hsv = np.asarray(rgb_to_hsv(rgb))
    hue = np.concatenate([hsv[..., :1], np.ones_like(hsv[..., 1:])], axis=-1)
    L, ab = split(rgb)
    rows = [
        [("in RGB:", rgb), *((title, rgb[..., i] / 255) for i, title in enumerate(["R", "G", "B"]))],
        [("in HSV:", rgb), ("H", np.asarray(hsv_to_rgb(hue))), ("S", hsv[..., 1]), ("V", hsv[..., 2])],
        [("in Lab:", rgb), ("L", L[..., 0] / 100), ("a", join(60, ab * [1, 0])), ("b", join(60, ab * [0, 1]))],
    ]
    save(rows, "channels.png")


def exchange():
    """Show what L and ab each carry."""
    rgb, other = photograph("astronaut"), photograph("chelsea")
    (L, ab), (other_L, _) = split(rgb), split(other)
    coarse_ab = resize(resize(ab, (SIDE // 9, SIDE // 9), anti_aliasing=True), ab.shape[:2], order=1)
    row = [
        ("photograph", rgb),
        ("L alone", L[..., 0] / 100),
        ("ab alone, L = 60", join(60, fit_to_gamut(np.full_like(L, 60), ab))),
        (f"L, and ab of {SIDE // 9} x {SIDE // 9} px", join(L, fit_to_gamut(L, coarse_ab))),
        ("same ab, L of a cat", join(other_L, fit_to_gamut(other_L, ab))),
    ]
    save([row], "exchange.png")


def gamut_plane():
    """Show the colours of sRGB in the ab plane at five lightnesses."""
    a, b = np.meshgrid(np.linspace(-110, 110, 180), np.linspace(110, -110, 180))
    ab = np.stack([a, b], axis=-1).astype("float32")
    lightnesses = [20, 40, 60, 80, 95]
    figure, axes = plt.subplots(1, 5, figsize=(9.4, 2.4), dpi=DPI, sharey=True)
    for L, axis in zip(lightnesses, axes, strict=True):
        fits = np.all(np.asarray(fit_to_gamut(np.full((180, 180, 1), L), ab)) == ab, axis=-1, keepdims=True)
        axis.imshow(np.where(fits, join(L, ab), 255), extent=(-110, 110, -110, 110), interpolation="nearest")
        axis.contour(a, b, fits[..., 0], levels=[0.5], colors="gray", linewidths=0.7)
        axis.axhline(0, color="gray", linewidth=0.5)
        axis.axvline(0, color="gray", linewidth=0.5)
        axis.set_title(f"L = {L}", fontsize=10)
        axis.set_xlabel("a: green - red", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0].set_ylabel("b: blue - yellow", fontsize=8)
    figure.subplots_adjust(left=0.06, right=0.99, bottom=0.18, top=0.88, wspace=0.08)
    write(figure, "gamut_plane.png", palette=None)  # smooth: a palette would show as steps


def gamut_fit():
    """Show colours twice too strong, brought into the gamut in two ways, and what each does to L."""
    rgb = photograph("astronaut")
    L, ab = split(rgb)
    clipped, fitted = join(L, 2 * ab), join(L, fit_to_gamut(L, 2 * ab))

    def error(picture):
        return np.abs(split(picture)[0] - L)[..., 0]

    row = [
        ("photograph", rgb),
        ("2 x ab, RGB clipped", clipped),
        (f"its error of L (mean {error(clipped).mean():.2f})", error(clipped) / 20),
        ("2 x ab, fitted", fitted),
        (f"its error of L (mean {error(fitted).mean():.2f})", error(fitted) / 20),
    ]
    save([row], "gamut_fit.png")


if __name__ == "__main__":
    plt.switch_backend("Agg")
    channels()
    exchange()
    gamut_plane()
    gamut_fit()
