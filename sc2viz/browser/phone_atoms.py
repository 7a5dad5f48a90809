"""With what the phones of a class code their own drawings (drawing.js)."""

import json

import numpy as np

from sc2viz.browser import stops, wire_format
from sc2viz.browser.board import Codes, Column
from sc2viz.browser.comparison import EXACT
from sc2viz.classroom.drawings import SIDE


def atoms(B: np.ndarray, lam: float) -> str:
    """With what a phone shows its drawing as a sum of the atoms B (SIDE², d_s), λ at first, as JSON."""
    x, codes = np.zeros((1, len(B)), np.float32), np.zeros((1, 1, B.shape[1]), np.float32)
    columns = [Column(), Column(None, {"lam": codes}, solver=EXACT)]
    data, parcels = Codes(
        x, (SIDE, SIDE, 1), {"lam": [lam]}, {"lam": lam}, columns, {"lam": [1]}
    ).message()
    dictionary = wire_format.exactly(B)
    data |= {
        "noun": "picture",
        "named": {},
        "hand": False,
        "start": None,
        "turns": 0,
        "contrast": 1,
    }
    return json.dumps(
        {
            "sum": data,
            "lam": lam,
            "stops": stops.with_value(stops.LAM, lam),
            "B": dictionary.label(),
            "parcels": wire_format.texts([*parcels, dictionary]),
        }
    )
