"""What every page takes away in the same way."""

import csv
import io

import numpy as np

from sc2viz.ui import page


def test_a_table_reads_back_as_what_it_was():
    rows = [[1234567, "SLSTM, supervised", np.float32(1 / 3), None], [np.int64(2), 'said "so"', float("nan"), float("inf")]]
    text = page.table(["number", "solver", "value", "other"], rows)
    read = list(csv.reader(io.StringIO(text)))
    assert read[0] == ["number", "solver", "value", "other"]
    assert read[1] == ["1234567", "SLSTM, supervised", "0.3333333", ""]
    assert read[2] == ["2", 'said "so"', "", "inf"]
    assert text.count("\n") == 3 and "\r" not in text
