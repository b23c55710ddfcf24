"""What becomes of colours that a network is unsure of: quiet where they are pale, even where the picture is plain.

A network that gives a spread, how far the true colour may lie from its answer, is unsure in spots: strengthening all
colours alike makes blotches of them.
"""

from __future__ import annotations

from colorization.color.namespace import namespace

FLAT = 1.0  # of L; a picture that varies less shows nothing that could have a colour
SURE = 12.0  # Lab units; a place with this spread holds its colour with a weight of 1
LEAST_SPREAD = 1.0  # Lab units
ALIKE = 4.0  # of L; neighbours that differ by so much hold each other a third as strongly
STEPS = 40  # of the conjugate gradients


def unless_flat(ab, L):
    """Return ab (B, h, w, 2) of pictures L (B, H, W, 1), 0..100, and 0 for one that varies by less than FLAT.

    What a network makes of the borders of such a picture is sure to it, and still nothing.
    """
    xp = namespace(ab, L)
    varies = xp.max(L, axis=(1, 2, 3), keepdims=True) - xp.min(L, axis=(1, 2, 3), keepdims=True)
    return xp.where(varies < FLAT, 0.0, ab)


def certain(ab, spread, certainty):
    """Return ab (B, H, W, 2) with what a network is unsure of left quiet: pale colours whose spread is large.

    spread: (B, H, W, 1), how far a and b may lie from the truth, a standard deviation in Lab units. certainty: colours
    as strong as that many spreads are halved, stronger ones less; 0 = not at all. The gain is a Wiener filter's.
    """
    xp = namespace(ab)
    power = xp.sum(xp.square(ab), axis=-1, keepdims=True)
    return ab * (power / (power + xp.square(certainty * spread) + 1e-6))


def evened(ab, spread, L, evenness):
    """Return ab (B, h, w, 2) with one colour where lightness is plain, most like that of the places that are sure.

    It minimises sum weight (x - ab)^2 + evenness sum alike (x - neighbour)^2: weighted least squares along edges
    (Farbman 2008), with the confidence of each place as in the bilateral solver (Barron and Poole 2016, arXiv
    1511.03296). weight = (SURE / spread)^2; alike = exp(-(difference of L / ALIKE)^2), 0..1.

    spread, L: (B, h, w, 1), Lab units, L of the cells. evenness: 0 = nothing changes; at 25 a plain area within some 5
    cells is of one colour. Solved by conjugate gradients (Hestenes and Stiefel 1952), preconditioned by the diagonal.
    """
    xp = namespace(ab, spread, L)
    weight = xp.square(SURE / xp.maximum(spread, LEAST_SPREAD))
    links = tuple((axis, _links(xp, L, axis, evenness)) for axis in (1, 2))
    diagonal = weight + sum(link + xp.roll(link, -1, axis) for axis, link in links)

    def times(x):
        """Return the left side of the equations; what rolls over the edge meets a link of 0."""
        flows = ((axis, link * (x - xp.roll(x, 1, axis))) for axis, link in links)
        return weight * x + sum(flow - xp.roll(flow, -1, axis) for axis, flow in flows)

    def inner(x, y):
        return xp.sum(x * y, axis=(1, 2, 3), keepdims=True)

    x = ab
    left = weight * ab - times(x)
    towards = preconditioned = left / diagonal
    size = inner(left, preconditioned)
    for _ in range(STEPS):
        turned = times(towards)
        step = size / xp.maximum(inner(towards, turned), 1e-12)  # 0 where nothing is left
        x, left = x + step * towards, left - step * turned
        preconditioned, before = left / diagonal, size
        size = inner(left, preconditioned)
        towards = preconditioned + size / xp.maximum(before, 1e-12) * towards
    return x


def _links(xp, L, axis: int, evenness: float):
    """Return how strongly each place holds the one before it along an axis, (B, h, w, 1); 0 for the first."""
    first, before, after = ([slice(None)] * 4 for _ in range(3))
    first[axis], before[axis], after[axis] = slice(1), slice(None, -1), slice(1, None)
    steps = L[tuple(after)] - L[tuple(before)]
    links = evenness * xp.exp(-xp.square(steps / ALIKE))
    return xp.concatenate([xp.zeros_like(L[tuple(first)]), links], axis=axis)
