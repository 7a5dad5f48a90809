"""A reader's own data and dictionary, chosen once and used on every page."""

import numpy as np
import pytest
import torch
from end_to_end.dragging import LAMBDA, SEEN, Drag, ready
from saving import saved

from sc2viz import data, lasso
from sc2viz.lab.bench.browser import turn_to
from sc2viz.ui import phrases
from sc2viz.ui.app import TITLES

pytestmark = [pytest.mark.browser, pytest.mark.release]

RNG = np.random.default_rng(0)
PAGES = ("step", "gates", "activations", "train", "lambda")


def choose(page, name: str, content: bytes, selector: str = "body") -> None:
    chooser = page.locator(selector).get_by_test_id("stFileUploaderDropzoneInput").first
    chooser.set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_a_dictionary_of_ones_own_is_used_on_every_page(visit):
    B = RNG.standard_normal((64, 12)).astype(np.float32)
    B /= np.linalg.norm(B, axis=0)
    page = visit("compare?data=digits&dictionary=own&layout=one+picture&lam=0.2&solvers=ISTA")
    choose(page, "bad.npy", saved(np.save, B[:50]))
    page.get_by_text(
        "B in bad.npy must be (64, d_s) for these rows of 64 numbers, got (50, 12)"
    ).wait_for()
    choose(page, "mine.npy", saved(np.save, B.T))
    page.get_by_text("mine.npy: 12 atoms of 64 numbers. It was transposed").wait_for()
    x, atoms = data.load("digits", "test").pixels[:1], torch.from_numpy(B)
    best = float(lasso.objective(x, lasso.solve(x, atoms, 0.2, tol=1e-6).codes.float(), atoms, 0.2))
    page.locator(".sc-exact b", has_text=phrases.objective(best)).wait_for()
    for path in PAGES:
        turn_to(page, TITLES[path])
        page.wait_for_url(f"**/{path}*")
    turn_to(page, "Welcome")
    page.get_by_text("mine.npy: 12 atoms of 64 numbers").wait_for()


def test_a_bad_file_is_named_where_the_reader_looks(visit):
    page = visit("compare?data=yours", height=720)
    rows = RNG.random((9, 5, 4))
    for content, message in (
        (b"only text", "mine.npz is not a .npz file"),
        (saved(np.savez, x_train=rows[:1], x_test=rows), "must have at least 2 rows, got 1"),
        (saved(np.savez, x_train=rows * np.nan, x_test=rows), "must be finite"),
    ):
        choose(page, "mine.npz", content)
        page.get_by_text(message).wait_for()
        box = page.get_by_test_id("stSidebar").get_by_test_id("stAlert").bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720  # without scrolling
    choose(page, "mine.npz", saved(np.savez, x_train=rows, x_test=rows))
    page.get_by_text("9 training and 9 test pictures, 5 × 4 grey").wait_for()


def test_own_pictures_on_an_own_dictionary_follow_the_finger(visit):
    B = RNG.standard_normal((64, 12)).astype(np.float32)
    B /= np.linalg.norm(B, axis=0)
    rows = RNG.random((9, 8, 8)).astype(np.float32)
    page = visit("compare?data=yours&layout=one+picture&lam=0.2&solvers=ISTA")
    choose(page, "mine.npz", saved(np.savez, x_train=rows, x_test=rows))
    page.get_by_text("9 training and 9 test pictures").wait_for()
    page.get_by_role("combobox", name="Dictionary").click()
    page.get_by_role("option", name="yours…").click()
    choose(page, "mine.npy", saved(np.save, B), ".st-key-_dictionary_file")
    page.get_by_text("mine.npy: 12 atoms of 64 numbers").wait_for()
    x, atoms = torch.from_numpy(rows[:1].reshape(1, 64)).double(), torch.from_numpy(B).double()

    def follows() -> None:
        states = set()
        with Drag(page, LAMBDA) as drag:
            for share in (0, 0.3, 0.6, 1):
                lam = drag.to(share)
                states.add(page.evaluate(SEEN))
                F = lasso.objective(
                    x, lasso.solve(x, atoms, lam, tol=1e-9).codes, atoms, lam
                ).item()
                assert phrases.objective(F) in page.locator(".sc-exact").first.inner_text()
        assert len(states) == 4

    ready(page)
    follows()
    page.wait_for_url("**lam=1*")
    turn_to(page, "Why zeros")
    ready(page, 3)
    follows()
