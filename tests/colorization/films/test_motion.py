"""Motion of pictures moved by known steps, and cuts, told from motion, noise and changes of light."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from colorization.films.motion import motion_between

GRID = (32, 40)
SIZE = (128, 160)


def scene(name: str = "camera") -> np.ndarray:
    """A photograph, L (400, 400, 1), larger than what is seen of it."""
    picture = Image.fromarray(getattr(skimage.data, name)()).convert("L").resize((400, 400))
    return np.float32(picture)[..., None] * (100 / 255)


def window(L: np.ndarray, down: int, right: int) -> np.ndarray:
    return L[100 + down : 100 + down + SIZE[0], 100 + right : 100 + right + SIZE[1]]


@pytest.mark.parametrize("step", [(0, 0), (0, 4), (4, 0), (-3, 5), (7, -7), (8, 8)])
def test_a_pan_is_found_in_both_directions(step):
    L = scene()
    motion = motion_between(window(L, 0, 0), window(L, *step), GRID)
    cells = np.stack(np.indices(GRID), axis=-1)
    inside = (slice(4, -4), slice(4, -4))
    for warp, sign in ((motion.forth, 1), (motion.back, -1)):
        moved = (warp.origins - cells)[inside] * 4
        apart = np.abs(moved - sign * np.array(step)).max(axis=-1)
        assert (apart <= 1).mean() > 0.5  # the sky is even, and may move as it likes
        assert np.median(warp.trust) > 0.5
    assert not motion.is_cut


def test_values_are_carried_along_with_what_they_lie_on():
    blots = np.random.default_rng(0).uniform(0, 100, (100, 100)).astype(np.float32)
    L = np.kron(blots, np.ones((4, 4), np.float32))[..., None]
    motion = motion_between(window(L, 0, 0), window(L, 0, 8), GRID)
    values = np.random.default_rng(0).normal(size=(*GRID, 2)).astype(np.float32)
    carried = motion.forth(values) / motion.forth.trust.reshape(*GRID, 1)
    right = np.abs(carried[:, :-2] - values[:, 2:]).max(axis=-1)[4:-4, 4:-4]
    assert (right < 1e-5).mean() > 0.9


def test_another_scene_is_a_cut_and_is_not_trusted():
    motion = motion_between(window(scene("camera"), 0, 0), window(scene("coffee"), 0, 0), GRID)
    assert motion.is_cut
    assert motion.forth.trust.mean() < 0.5


def test_light_that_changes_and_grain_are_no_cut():
    L, rng = scene(), np.random.default_rng(0)
    darker = 0.8 * window(L, 0, 2) - 5 + rng.normal(0, 2, (*SIZE, 1)).astype(np.float32)
    motion = motion_between(window(L, 0, 0), darker, GRID)
    assert not motion.is_cut
    assert np.median(motion.forth.trust) > 0.7


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (5, 7), (130, 61)])
@pytest.mark.parametrize("grid", [(1, 1), (2, 3), (33, 16)])
def test_any_size_and_grid_will_do(size, grid):
    rng = np.random.default_rng(0)
    before, after = rng.uniform(0, 100, (2, *size, 1)).astype(np.float32)
    motion = motion_between(before, after, grid)
    assert np.isfinite(motion.forth(np.ones((*grid, 3), np.float32))).all()
    assert motion.forth(np.ones((*grid, 3), np.float32)).shape == (*grid, 3)
