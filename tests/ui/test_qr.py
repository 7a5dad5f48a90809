"""The address that a QR code has: one that phones can open, or a sentence that says why not."""

import pytest

from sc2viz.ui import qr


@pytest.mark.parametrize(
    ("address", "bound", "own", "expected", "said"),
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
def test_a_code_leads_where_phones_can_go(address, bound, own, expected, said):
    found, told = qr.for_phones(address, bound, own)
    assert found == expected and said in told and bool(told) == bool(said)


def test_the_code_of_the_view_opens(open_page):
    app = open_page("compare", data="digits", lam="0.2")
    app.menu_button(key="menu").click("Link and QR code").run()
    assert not app.exception
    assert any("lam=0.2" in code.value for code in app.code)
