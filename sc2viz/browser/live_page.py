"""A page in which λ and T move and on which readers draw, to take away: one HTML file without a server, or a cell of a
notebook.

    from sc2viz import live
    live(x, B, [solver, "ista"], lam=0.1).save("page.html")

It is the site (site.py) of one data set in one file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from torch import Tensor

from sc2viz import words
from sc2viz.browser.site import one_file
from sc2viz.browser.site_data import data_set
from sc2viz.draw.mosaics import Shape
from sc2viz.files import atomic
from sc2viz.solvers import Solver
from sc2viz.words import N_


@dataclass(frozen=True, eq=False)
class LivePage:
    """An HTML document."""

    html: str

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all; return its path."""
        return atomic.write_bytes(path, self.html.encode())

    def _repr_html_(self) -> str:
        """The page inside a notebook, in a frame of its own."""
        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%; height:760px; border:0" title="sc2viz"></iframe>'


def live(
    x: Tensor,
    B: Tensor,
    solvers: Sequence[Solver | str] | Mapping[str, Solver] = (),
    *,
    lam: float = 0.1,
    steps: int = 10,
    shape: Shape | None = None,
    title: str = N_("Sparse codes under your finger"),
    noun: str = "picture",
    link: str = "",
    language: str = "",
) -> LivePage:
    """The exact optimum of a picture on B beside the codes of `solvers`, with sliders for λ and T, and a canvas to draw on
    where pictures are grey.

    x: (d_x,), or pictures to choose from (n, d_x); B: (d_x, d_s); solvers: built or loaded ones, names of `solvers.NAMES`,
    which are built on B, or a mapping from labels. shape: (h, w, channels) of a row, guessed for squares. lam, steps: where
    the sliders stand at first, λ rounded to six digits, as its slider writes it. The browser computes all codes; a solver
    without a graph has those of the pictures at the stops of λ, and none of a drawing. noun: what a picture is. link: where
    the app is, https://… or http://…. language: of the page, such as "de" or "zh_CN"; by default that of the reader in the
    app, and else English.

    ValueError for x, B, λ, T and texts of another kind, for another link, and where two solvers have one label.
    """
    with words.speaking(language or words.language()):
        page_data = data_set(x, B, solvers, lam=lam, steps=steps, shape=shape, noun=noun)
        return LivePage(one_file(page_data, title, link))
