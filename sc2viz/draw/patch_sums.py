"""A patch of a photograph as the sum of its atoms, and what the patches that share a pixel make of it: HTML that reflows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sc2viz import evaluation
from sc2viz.draw import atoms, mosaics, style, traces
from sc2viz.words import _, localized, ngettext, templates

SIDE = 52  # px of an atom in a sum of atoms
MOST_ATOMS = 11  # of a patch that are shown in its sum of atoms


def sum_of_atoms(
    x: np.ndarray,
    mean: float,
    codes: np.ndarray,
    B: np.ndarray,
    shape: tuple[int, int, int],
    dark: bool,
    most: int = MOST_ATOMS,
    offset: np.ndarray | None = None,
    beside: str = "",
) -> str:
    """The patch B s + mean, as its mean and its largest terms s_j b_j one after the other.

    x (d_x,) B s + mean, codes (d_s,), B (d_x, d_s). Atoms are drawn at full contrast. offset: (d_x,), which is drawn with
    the mean where there is one. `beside`: what the offset is, by default the solver's.
    """
    used = evaluation.largest_first(codes, B)
    shown = used[:most]
    grey = np.full((1, len(x)), mean, np.float32) + (0 if offset is None else offset)
    begins = (
        _("The mean of the patch")
        if offset is None
        else _("The mean of the patch and {offset}", offset=beside or _("the solver’s offset"))
    )
    tiles = [
        (
            mosaics.mosaic(x[None], shape, side=SIDE),
            _("The patch that the code makes"),
            _("Bs + mean"),
            "",
            "=",
        ),
        (mosaics.mosaic(grey, shape, side=SIDE), begins, localized(f"{mean:.2f}"), "", ""),
    ]
    levels = atoms.tiles(B[:, shown], shape) if len(shown) else []
    for j, tile in zip(shown, levels, strict=True):
        rgb = style.DIVERGING_TABLE[dark][tile] if tile.ndim == 2 else tile
        large = mosaics.opaque(rgb, max(1, round(SIDE / rgb.shape[1])))
        size = localized(f"{abs(codes[j]):.2f}")
        tiles.append((large, _("Atom {number}", number=j), size, "−" if codes[j] < 0 else "+", ""))
    left = len(used) - len(shown)
    rest = (
        ngettext("and {n} smaller one", "and {n} smaller ones", left)
        if left
        else ""
        if len(used)
        else _("no atom: the code is zero")
    )
    drawn = [(mosaics.data_uri(rgba), *words) for rgba, *words in tiles]
    return templates.filled(__file__, part="sum", tiles=drawn, rest=rest, side=SIDE)


def estimates(
    values: np.ndarray, own: int, average: float, clean: float | None, grids: bool = False
) -> str:
    """What each of the patches that share a pixel makes of it, (k,), as dots on one line; the average; the clean pixel.
    `grids`: whether there are grids of filters in the place of patches."""
    ends = [*values, average, *([] if clean is None else [clean])]
    low, high = min(ends), max(ends)
    room = max(high - low, 0.02)
    low, high = (low + high - 1.16 * room) / 2, (low + high + 1.16 * room) / 2
    at = lambda value: f"{100 * (value - low) / (high - low):.2f}%"  # noqa: E731
    rows = np.argsort(np.argsort(values, kind="stable"), kind="stable") % 5
    dots = [
        (at(value), row, k == own) for k, (value, row) in enumerate(zip(values, rows, strict=True))
    ]
    n, legend = (
        len(values),
        [("u", "average", _("average")), *([] if clean is None else [("u", "clean", _("clean"))])],
    )
    if grids:
        told = ngettext(
            "{n} grid of filters covers the pixel.", "{n} grids of filters cover the pixel.", n
        )
        legend[:0] = [("i", "", _("a grid of filters")), ("i", "own", _("this grid of filters"))]
    else:
        told = ngettext("{n} patch covers the pixel.", "{n} patches cover the pixel.", n)
        legend[:0] = [("i", "", _("a patch")), ("i", "own", _("this patch"))]
    given = {"low": min(values), "high": max(values), "average": average, "clean": clean}
    told += " " + (
        _(
            "The estimates go from {low:.3f} to {high:.3f}, and their average is {average:.3f}.",
            **given,
        )
        if clean is None
        else _(
            "The estimates go from {low:.3f} to {high:.3f}, and their average is {average:.3f}; "
            "the clean pixel is {clean:.3f}.",
            **given,
        )
    )
    places = {"average": at(average), "clean": "" if clean is None else at(clean)}
    return templates.filled(
        __file__, part="estimates", told=told, dots=dots, legend=legend, **places
    )


def close_ups(parts: Sequence[tuple[str, np.ndarray]]) -> str:
    """The same part of several pictures by name, (h, w) or (h, w, 3) uint8, two beside each other, pixel by pixel."""
    coloured = (
        (name, part if part.ndim == 3 else part[..., None].repeat(3, 2)) for name, part in parts
    )
    drawn = [(name, mosaics.data_uri(mosaics.opaque(rgb))) for name, rgb in coloured]
    return templates.filled(__file__, part="close", parts=drawn)


@dataclass(frozen=True, eq=False)
class PsnrCourse:
    """What a solver reaches with more and more numbers: numbers a pixel, ascending, and PSNR in dB."""

    label: str
    solver: str
    numbers: np.ndarray
    psnr: np.ndarray
    dash: str = ""  # by default the solver's own


def psnr_by_numbers(courses: Sequence[PsnrCourse], few: float, dark: bool = False) -> go.Figure:
    """PSNR against numbers a pixel, with a rule at the number at hand."""
    lines = [
        traces.line(
            course.numbers,
            course.psnr,
            style.colour(course.solver, dark),
            2.5,
            course.dash or style.own_dash(course.solver),
            name=course.label,
            hovertemplate="%{y:.2f} dB",
            marker={"symbol": style.marker(course.solver), "size": 8},
        )
        | {"mode": "lines+markers"}
        for course in courses
    ]
    named = ", ".join(course.label for course in courses)
    alt = _("PSNR in dB against numbers a pixel, of {solvers}", solvers=named or _("no solver"))
    ticks = [0.03, 0.05, 0.1, 0.2, 0.4, 0.8]
    x = {
        "title": _("numbers a pixel"),
        "type": "log",
        "tickvals": ticks,
        "ticktext": [localized(f"{tick:g}") for tick in ticks],
        "range": [np.log10(0.025), np.log10(1.0)],
    }
    reached = [25, 40, *(psnr for course in courses for psnr in course.psnr)]
    y = {"title": _("PSNR, dB"), "range": [min(reached) - 1, max(reached) + 1]}
    return style.figure(
        lines,
        alt,
        x,
        y,
        shapes=[traces.upright(few, dark)],
        showlegend=len(courses) > 1,
        height=246,
    )
