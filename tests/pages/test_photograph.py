"""The page Photograph without a browser: its numbers are those of `photographs`, and readers do not cross."""

import base64
import contextlib
import io
import re
import time

import numpy as np
import pytest
from pages.seen import html, told
from PIL import Image

from sc2viz import photographs
from sc2viz.pages.photograph import subject, work
from sc2viz.photographs import peers

SIDE = 64  # of the test pictures on this page, cut out of the middle


@pytest.fixture
def opened(open_page, monkeypatch):
    """The page with small pictures, so that all answers are there in a second."""
    whole = peers.picture
    monkeypatch.setattr(subject.peers, "picture", lambda name, colour=False: whole(name, SIDE, colour))
    subject._tested.clear()
    yield lambda **query: settled(open_page("photograph", **query))
    subject._tested.clear()


def settled(app, seconds: float = 30.0):
    """The page when all its answers are there."""
    end = time.monotonic() + seconds
    while app.session_state["_desk"].waits and time.monotonic() < end:
        time.sleep(0.05)
        app.run()
    assert not app.exception and not app.error and not app.session_state["_desk"].waits
    return app


def cards(app) -> dict[str, str]:
    """What stands under each picture."""
    found = html(app).split("<figcaption>")[1:]
    return {re.match("<span>(.*?)</span>", card)[1]: re.sub("<[^>]+>", " ", card) for card in found}


def divider(app) -> dict:
    return next(data for each in app.get("bidi_component") if isinstance(data := told(each), dict) and "answers" in data)


def place(app):
    """The code of the patch after the last iteration, as the scrubber has it."""
    group = scrubber(app, "patch")["groups"][1]
    panel = next(panel for panel in group["panels"] if panel["kind"] == "stems")
    return np.frombuffer(base64.b64decode(panel["values"]), "<f4").reshape(panel["size"])[-1]


def scrubber(app, layout: str) -> dict:
    return next(data for each in app.get("bidi_component")
                if isinstance(data := told(each), dict) and data.get("layout") == layout and "groups" in data)  # fmt: skip


def test_opens_on_camera_with_the_numbers_of_photographs(opened):
    app = opened()
    clean = peers.picture("camera", SIDE)
    noisy = peers.noisy(clean, 25)
    answer = photographs.denoise(noisy, 25 / 255)
    psnr, ssim = peers.quality(clean, answer.picture)
    shown = cards(app)["LISTA"]
    for number in (f"{psnr:.2f} dB", f"{ssim:.3f}", f"{answer.non_zeros_a_pixel:.2f}"):
        assert number in shown
    assert f"{peers.quality(clean, noisy)[0]:.2f} dB" in cards(app)["Noisy"]
    means = peers.quality(clean, peers.non_local_means(noisy, 25 / 255))[0]
    assert f"{means:.2f} dB" in cards(app)["Non-local means"]
    said = next(each.value for each in app.markdown if each.value.startswith("**LISTA** brings camera"))
    assert f"{psnr:.2f} dB" in said and f"{abs(psnr - means):.2f} dB" in said


def test_a_patch_goes_to_step_through_with_the_same_code(opened):
    app = opened(row="20", column="30")
    patch = place(app)
    app.button(key="to-step").click().run()
    assert not app.exception and not app.error
    assert app.title[0].value == "Step through"
    assert app.session_state["data"] == "patch" and app.session_state["T"] == 10
    code = stems(app)
    np.testing.assert_allclose(code, patch, atol=2e-3)
