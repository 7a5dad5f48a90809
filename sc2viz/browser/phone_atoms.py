"""With what the phones of a class code their own drawings (drawing.js)."""

import json

import numpy as np

from sc2viz.browser import stops, wire_format
from sc2viz.browser.comparison import drawn_sum
from sc2viz.classroom.drawings import SIDE


def atoms(B: np.ndarray, lam: float) -> str:
    """With what a phone shows its drawing as a sum of the atoms B (SIDE², d_s), λ at first, as JSON."""
    x, shape = np.zeros((1, len(B)), np.float32), (SIDE, SIDE, 1)
    data, parcels = drawn_sum(x, shape, {"lam": lam}, B.shape[1], False)
    dictionary = wire_format.exactly(B)
    return json.dumps(
        {
            "sum": data | {"noun": "picture"},
            "lam": lam,
            "stops": stops.with_value(stops.LAM, lam),
            "B": dictionary.label(),
            "parcels": wire_format.texts([*parcels, dictionary]),
        }
    )
