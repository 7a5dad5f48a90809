"""A patch of a photograph as the sum of its atoms, and what the patches that share a pixel make of it: HTML that reflows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sc2viz import evaluation
from sc2viz.draw import atoms, mosaics, style, traces
from sc2viz.words import N_, _, localized, ngettext, templates

SIDE = 52  # px of an atom in a sum of atoms
MAX_ATOMS = 11  # of a patch that are shown in its sum of atoms


def draw_sum_of_atoms(
    x: np.ndarray,
    mean: float,
    codes: np.ndarray,
    B: np.ndarray,
    shape: tuple[int, int, int],
    dark: bool,
    offset: np.ndarray | None = None,
    offset_name: str = "",
) -> str:
    """The patch B s + mean, as its mean and its largest terms s_j b_j one after the other.

    x (d_x,) B s + mean, codes (d_s,), B (d_x, d_s). Atoms are drawn at full contrast. offset: (d_x,), which is drawn with
    the mean.
    """
    used = evaluation.largest_first(codes, B)
    largest, smaller = used[:MAX_ATOMS], used[MAX_ATOMS:]
    grey, start = np.full((1, len(x)), mean, np.float32), _("The mean of the patch")
    if offset is not None:
        grey, start = grey + offset, _("The mean of the patch and {offset}", offset=offset_name)
    tiles = [
        (x[None], _("The patch that the code makes"), _("Bs + mean"), "", "="),
        (grey, start, localized(f"{mean:.2f}"), "", ""),
    ]
    tiles = [(mosaics.mosaic(rows, shape, side=SIDE), *texts) for rows, *texts in tiles]
    for j in largest:
        picture = atoms.sheet(B[:, [j]], shape, dark, SIDE)
        size, sign = localized(f"{abs(codes[j]):.2f}"), "−" if codes[j] < 0 else "+"
        tiles.append((picture, _("Atom {number}", number=j), size, sign, ""))
    remark = "" if len(used) else _("no atom: the code is zero")
    if len(smaller):
        remark = ngettext("and {n} smaller one", "and {n} smaller ones", len(smaller))
    tiles = [(mosaics.data_uri(picture), *texts) for picture, *texts in tiles]
    return templates.filled(__file__, part="sum", tiles=tiles, rest=remark, side=SIDE)


def draw_estimates(
    values: np.ndarray, chosen: int, average: float, clean: float | None, is_filters: bool = False
) -> str:
    """What each of the patches that share a pixel makes of it, (k,), as dots on one line; the average; the clean pixel.
    is_filters: whether there are grids of filters in the place of patches."""
    ends = [*values, average, *([] if clean is None else [clean])]
    middle = (min(ends) + max(ends)) / 2
    room = 1.16 * max(max(ends) - min(ends), 0.02)

    def place(value: float) -> str:
        return f"{100 * ((value - middle) / room + 0.5):.2f}%"

    rows = np.argsort(np.argsort(values, kind="stable"), kind="stable") % 5
    dots = [(place(value), rows[k], k == chosen) for k, value in enumerate(values)]
    names = (_("a patch"), _("this patch"))
    count = ngettext("{n} patch covers the pixel.", "{n} patches cover the pixel.", len(values))
    if is_filters:
        names = (_("a grid of filters"), _("this grid of filters"))
        count = ngettext(
            "{n} grid of filters covers the pixel.",
            "{n} grids of filters cover the pixel.",
            len(values),
        )
    legend = [("i", "", names[0]), ("i", "own", names[1]), ("u", "average", _("average"))]
    sentence = N_(
        "The estimates go from {low:.3f} to {high:.3f}, and their average is {average:.3f}."
    )
    if clean is not None:
        legend.append(("u", "clean", _("clean")))
        sentence = N_(
            "The estimates go from {low:.3f} to {high:.3f}, and their average is {average:.3f}; "
            "the clean pixel is {clean:.3f}."
        )
    numbers = {"low": min(values), "high": max(values), "average": average, "clean": clean}
    return templates.filled(
        __file__,
        part="estimates",
        alt=f"{count} {_(sentence, **numbers)}",
        dots=dots,
        legend=legend,
        average=place(average),
        clean="" if clean is None else place(clean),
    )


def draw_close_ups(pictures: Sequence[tuple[str, np.ndarray]]) -> str:
    """The same part of several pictures by name, (h, w) or (h, w, 3) uint8, two beside each other, pixel by pixel."""
    close_ups = [(name, mosaics.data_uri(pixels)) for name, pixels in pictures]
    return templates.filled(__file__, part="close", parts=close_ups)


@dataclass(frozen=True, eq=False)
class PsnrCourse:
    """What a solver reaches with more and more numbers: numbers a pixel, ascending, and PSNR in dB."""

    label: str
    solver: str
    numbers: np.ndarray
    psnr: np.ndarray
    dash: str = ""  # by default the solver's own


def draw_psnr_by_numbers(
    courses: Sequence[PsnrCourse], number: float, dark: bool = False
) -> go.Figure:
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
            mode="lines+markers",
        )
        for course in courses
    ]
    names = ", ".join(course.label for course in courses) or _("no solver")
    x = {
        "title": _("numbers a pixel"),
        "showgrid": True,
        "type": "log",
        **style.ticks([0.03, 0.05, 0.1, 0.2, 0.4, 0.8]),
        "range": [np.log10(0.025), np.log10(1.0)],
    }
    reached = [25, 40, *(psnr for course in courses for psnr in course.psnr)]
    return style.figure(
        lines,
        _("PSNR in dB against numbers a pixel, of {solvers}", solvers=names),
        x,
        {"title": _("PSNR, dB"), "range": [min(reached) - 1, max(reached) + 1]},
        shapes=[traces.upright(number, dark)],
        showlegend=len(courses) > 1,
        height=246,
    )
