"""The page Photograph without a browser: its numbers are those of `photographs`, and readers do not cross."""

import contextlib
import io
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
    import re

    found = html(app).split("<figcaption>")[1:]
    return {re.match("<span>(.*?)</span>", card)[1]: re.sub("<[^>]+>", " ", card) for card in found}


def divider(app) -> dict:
    return next(data for each in app.get("bidi_component") if isinstance(data := told(each), dict) and "answers" in data)


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
