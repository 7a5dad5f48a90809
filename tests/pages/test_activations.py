"""Activations, without a browser."""

import csv
import io

import numpy as np

from sc2viz.pages.activations import activations as page


def test_each_csv_is_one_table():
    """The curves and the codes have columns of their own, so they are two files."""
    code = np.zeros((1, 5)), 1.0
    for text, columns, rows in (
        (page._table([_curve()] * 3), 7, 9),
        (page._code_table(code, code), 3, 5),
    ):
        table = list(csv.reader(io.StringIO(text)))
        assert {len(row) for row in table} == {columns} and len(table) == rows + 1


def _curve() -> page.figures.Curve:
    return page._curve(np.linspace(-1, 1, 9), 1.0, 0.5, 0.1, 0)
