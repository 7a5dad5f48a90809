"""The address that a QR code has: one that phones can open, or a sentence that says why not."""

import pytest

from sc2viz.ui import qr


@pytest.mark.parametrize(
    ("address", "bound", "own_address", "expected", "sentence"),
    [
        (
            "https://sc2viz.example/compare?lam=0.1",
            None,
            "10.0.0.7",
            "https://sc2viz.example/compare?lam=0.1",
            "",
        ),
        (
            "http://localhost:8501/step?t=3",
            None,
            "10.0.0.7",
            "http://10.0.0.7:8501/step?t=3",
            "leads to 10.0.0.7:8501",
        ),
        (
            "http://127.0.0.1:8501/",
            "127.0.0.1",
            "10.0.0.7",
            "http://127.0.0.1:8501/",
            "--server.address 0.0.0.0",
        ),
        ("http://localhost:8501/", None, None, "http://localhost:8501/", "in no network"),
    ],
)
def test_a_code_leads_where_phones_can_go(
    address, bound, own_address, expected, sentence, monkeypatch
):
    monkeypatch.setattr(qr.st, "get_option", lambda name: bound)
    monkeypatch.setattr(qr, "own_address", lambda: own_address)
    url, sentence_found = qr.for_phones(address)
    assert url == expected and sentence in sentence_found and bool(sentence_found) == bool(sentence)
