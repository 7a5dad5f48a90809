"""Why zeros: contours of the loss and the ℓ1 ball in the weights of two atoms, which move with λ."""

from collections.abc import Sequence
from html import escape

import numpy as np

from sc2viz.analysis.refitting import Plane
from sc2viz.draw.cards import Said, moves, said
from sc2viz.evaluation import in_use

SIDE = 320  # the side of the drawing of the ℓ1 ball, in its own units
_ATOM = 36  # the side of a picture of an atom, in units of the drawing
_RINGS = 10  # contours of the loss, over twice the width of the drawing
# How far the axes reach on the side of the weights and on the other, in units of the largest ball.
_BEYOND, _BEHIND = 1.08, 0.45


def l1_ball(plane: Plane, stops: Sequence[float], here: int, pictures: Sequence[str] = (), axis: str = "lam") -> str:
    """The drawing of the ℓ1 ball and the loss as SVG. Entry k of the plane's weights is at the λ `stops[k]`; `here` is the
    one at hand. pictures: those of the two atoms, as data URIs."""
    frame = _Frame(plane)
    offset = plane.weights - plane.centres
    # The radius of the contour through the optimum.
    radius = np.sqrt(np.maximum(np.einsum("ka,ab,kb->k", offset, plane.gram, offset), 0))
    values, axes = np.linalg.eigh(plane.gram)
    rx, ry = frame.unit / np.sqrt(np.maximum(values, 1e-6))
    turn = -np.degrees(np.arctan2(axes[1, 0], axes[0, 0]))  # the sign is turned, because the y axis of an SVG points down
    farthest = 2 * frame.width * np.sqrt(values.max())
    rings = np.linspace(0, farthest, _RINGS + 1)[1:]
    ellipse = f'<ellipse rx="{rx:.1f}" ry="{ry:.1f}"'

    def at(points: np.ndarray) -> list[str]:
        return [f"translate({a:.1f} {b:.1f})" for a, b in frame.place(points)]

    centre, optimum, zero = at(plane.centres), at(plane.weights), at(np.zeros((1, 2)))[0]
    touching = [f"{place} rotate({turn:.1f}) scale({max(r, 1e-3):.4f})" for place, r in zip(centre, radius, strict=True)]
    price = np.abs(plane.weights).sum(1) * frame.unit
    ball = [f"{zero} scale({max(each, 1e-3):.2f})" for each in price]
    way = " ".join(f"{a:.1f},{b:.1f}" for a, b in frame.place(plane.weights))
    (x0, y0), names = frame.place(np.zeros((1, 2)))[0], [f"atom {atom}" for atom in plane.atoms]
    right, up = frame.towards > 0
    # The atoms' pictures and names stand at those ends of the axes where their weights are.
    end = SIDE - 6 - _ATOM
    places = (end if right else 6, y0 + 6 if up else y0 - 6 - _ATOM), (x0 - 6 - _ATOM if right else x0 + 6, 6 if up else end)
    drawn = "".join(
        f'<image href="{picture}" x="{x:.1f}" y="{y:.1f}" width="{_ATOM}" height="{_ATOM}"/>'
        for picture, (x, y) in zip(pictures, places, strict=False)
    )
    below = (SIDE - 4 if right else 4, places[0][1] + (_ATOM + 18 if up else -6)), "end" if right else "start"
    beside = (max(4, places[1][0]), places[1][1] + (_ATOM + 18 if up else -6)), "start"
    labels = "".join(
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{name}</text>'
        for name, ((x, y), anchor) in zip(names, (below, beside), strict=True)
    )
    contours = "".join(f'{ellipse} transform="scale({ring:.4f})"/>' for ring in rings)
    alt = f"Contours of the loss and the ℓ1 ball in the weights of {names[0]} and {names[1]}, {_values(plane, here)}"
    return (
        f'<svg class="sc-plane-drawing" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{escape(alt)}">'
        f'<g class="contours" {moves(centre, here, axis)}><g transform="rotate({turn:.1f})">{contours}</g></g>'
        f'<path class="axes" d="M0 {y0:.1f}H{SIDE}M{x0:.1f} 0V{SIDE}"/>'
        f'<path class="ball" d="M1 0 0 1-1 0 0-1Z" {moves(ball, here, axis)}/>'
        f'<g class="touching" {moves(touching, here, axis)}>{ellipse}/></g>'
        f'<polyline class="way" points="{way}"/>'
        f'<path class="least" d="M-4-4 4 4M4-4-4 4" {moves(centre, here, axis)}/>'
        f'<circle class="optimum" r="6" {moves(optimum, here, axis)}/>'
        f"{drawn}{labels}</svg>"
    )


def verdict(plane: Plane, stops: Sequence[float], here: int, axis: str = "lam") -> str:
    """What the drawing shows, in a sentence that moves with λ."""
    told = [f"λ = {lam:g}: {_verdict(plane, k)}" for k, lam in enumerate(stops)]
    return said(Said(told[here], {axis: told}), "p")


def _verdict(plane: Plane, k: int) -> str:
    used = in_use(plane.weights[k])
    if used.all():
        return f"the contour touches a side of the square, so both weights count, {_values(plane, k)}."
    if not used.any():
        return "the square is a point, and both weights are zero."
    zero = plane.atoms[int(used[0])]
    return f"the contour touches a corner of the square, and the weight of atom {zero} is zero."


def _values(plane: Plane, k: int) -> str:
    return " and ".join(f"{weight:.2f}".replace("-", "−") for weight in plane.weights[k])


class _Frame:
    """Where weights stand in the drawing: one scale for both, which holds at every λ and has room for the largest ball."""

    def __init__(self, plane: Plane):
        most = max(float(np.abs(plane.weights).sum(1).max()), 1e-6)
        self.towards = np.where(plane.weights[0] < 0, -1, 1)
        self.width = (_BEYOND + _BEHIND) * most
        self.low = -most * np.where(self.towards > 0, _BEHIND, _BEYOND)
        self.unit = SIDE / self.width

    def place(self, points: np.ndarray) -> np.ndarray:
        x, y = ((points - self.low) * self.unit).T
        return np.stack([x, SIDE - y], 1)
