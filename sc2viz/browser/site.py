"""A small site that any static host serves: pictures to choose from and a canvas to draw on, the picture as a sum of atoms,
solvers beside the optimum, and what each λ makes of it. It is a page to take away (live_page) with more around the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from sc2viz import arguments
from sc2viz.browser import modules, wire_format
from sc2viz.browser.live_page import LivePage, check_words, document, fill
from sc2viz.draw.mosaics import Shape
from sc2viz.solvers import Solver

_ABOVE = """<div class="choose">{pad}<div><h2>{choose}</h2><div class="strip"></div></div></div>
<h2>A {noun} is a sum of atoms</h2><div class="sum"></div><h2>Solvers beside the optimum</h2>
"""
_BELOW = """<h2>λ trade-off</h2><p>Each curve goes from λ = 0.01, at the right, to λ = 1. The dots are at your λ and T.</p>
<figure class="tradeoff"></figure>
"""


def site(
    x: Tensor,
    B: Tensor,
    solvers: Sequence[Solver | str] | Mapping[str, Solver] = (),
    *,
    lam: float = 0.1,
    steps: int = 10,
    shape: Shape | None = None,
    title: str = "",
    noun: str = "picture",
    link: str = "",
) -> LivePage:
    """The page of the site: x (n, d_x) are pictures to choose from, of which the first is shown; the rest is as for
    `live_page.live`. Solvers without a graph are shown for the first picture alone."""
    check_words(title, noun, link)
    arguments.floats("x", x, "n", "d_x")
    contents = fill(x[:1], B, solvers, lam, steps, shape, noun)
    pictures = wire_format.exactly(x.detach().float().numpy())
    parts = {"css": modules.sheet("sum.css"), "html": modules.FOLDER.joinpath("sum.html").read_text("utf-8")}
    draws = contents.data["computed"]["pad"] is not None
    title = title or f"Sparse coding under your {'pen' if draws else 'finger'}"
    place, choose = ('<div class="pad-place"></div>', "Or choose one") if draws else ("", "Choose one")
    above = _ABOVE.format(pad=place, choose=choose, noun=noun)
    contents.data.update({"pictures": pictures.label(), "noun": noun, "sum": parts})
    contents.arrays.append(pictures)
    return LivePage(document(title, contents, link, "site.js", above, _BELOW, ("site.css",)))
