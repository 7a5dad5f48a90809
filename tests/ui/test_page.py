"""What every page takes away in the same way."""

import csv
import io
from threading import Thread

import numpy as np
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from sc2viz.ui import page


def test_a_table_reads_back_as_what_it_was():
    rows = [
        [1234567, "SLSTM, supervised", np.float32(1 / 3), None],
        [np.int64(2), 'said "so"', float("nan"), float("inf")],
    ]
    text = page.table(["number", "solver", "value", "other"], rows)
    read = list(csv.reader(io.StringIO(text)))
    assert read[0] == ["number", "solver", "value", "other"]
    assert read[1] == ["1234567", "SLSTM, supervised", "0.3333333", ""]
    assert read[2] == ["2", 'said "so"', "", "inf"]
    assert text.count("\n") == 3 and "\r" not in text


def test_a_text_that_begins_as_a_formula_has_a_quote_and_a_number_has_none():
    formulas = ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)"]
    text = page.table(["=head"], [[*formulas, -0.5, np.float32(-2), -3]])
    head, row = csv.reader(io.StringIO(text))
    assert head == ["'=head"] and row == [
        *(f"'{formula}" for formula in formulas),
        "-0.5",
        "-2",
        "-3",
    ]


def test_a_download_is_made_with_what_its_reader_has(monkeypatch):
    makes = []
    monkeypatch.setattr(
        "streamlit.download_button", lambda label, make, *_, **__: makes.append(make)
    )

    def script():
        import streamlit as st

        from sc2viz.ui import errors

        st.number_input("λ", value=0.1, key="lam")
        errors.download(lambda: f"λ = {st.session_state['lam']}", "λ", "lam.csv", "text/csv")

    readers = [AppTest.from_function(script).run() for _ in range(2)]
    readers[0].number_input(key="lam").set_value(0.4).run()
    files, contexts = [], []

    def streamlits_thread():
        for make in makes[:0:-1]:  # the last one of each reader
            files.append(make())
            contexts.append(get_script_run_ctx(suppress_warning=True))

    thread = Thread(target=streamlits_thread)
    thread.start()
    thread.join()
    assert files == ["λ = 0.4", "λ = 0.1"] and contexts == [
        None,
        None,
    ]  # nothing of one reader is left for the next
