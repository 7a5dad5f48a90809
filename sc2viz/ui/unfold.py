"""From ISTA to an LSTM: the figure that Solvers and Welcome share."""

import numpy as np
import torch

from sc2viz import defaults, solvers
from sc2viz.analysis import unfolded
from sc2viz.draw import style
from sc2viz.solvers.fista import momenta
from sc2viz.ui import models, page, results, sidebar, url
from sc2viz.ui.cache import cached


def ista_to_lstm(view: sidebar.View, folded: bool = False) -> None:
    """Draw the solvers as one cell, in numbers of the picture at hand. folded: Figure 1 alone, until a part is pressed."""
    pixels = view.x
    model = models.choices(view.data)[style.label(defaults.TRAINED)]
    atom = url.value("atom")
    if atom is None:
        atom = int(np.abs(results.exact(view.data, pixels, view.lam).codes[0]).argmax())
    rows = _rows(
        view.B,
        pixels,
        view.lam,
        view.steps,
        atom,
        url.value("i"),
        url.value("f"),
    )
    learned = unfolded.of_trace(results.trace(model, pixels, view.lam, view.steps), atom)
    page.idea(
        "ista_to_lstm",
        {
            "rows": rows | {"learned": learned},
            "atom": atom,
            "t": url.value("t"),
            "folded": folded,
            **unfolded.describe(models.build(model)),
        },
    )


@cached
def _rows(
    B: torch.Tensor, pixels: np.ndarray, lam: float, steps: int, atom: int, i: float, f: float
) -> dict:
    """Return the terms of ISTA, FISTA and adaptive ISTA with the reader's gates i and f, by "plain", "momentum" and
    "hand"."""
    x, m = torch.from_numpy(pixels), np.array(momenta(steps))
    gates = np.stack((0 * m + 1, 1 + m, 0 * m + i)), np.stack((0 * m, -m, 0 * m + f))
    solver = solvers.build(defaults.UNTRAINED[0], B, steps)
    rows = unfolded.of_gates(solver, x, lam, steps, atom, *gates, carries=(False, False, True))
    return dict(zip(("plain", "momentum", "hand"), rows, strict=True))
