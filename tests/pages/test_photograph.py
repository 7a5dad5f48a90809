"""The page Photograph without a browser: its numbers are those of `photographs`, and readers do not cross."""

import base64
import contextlib
import io
import logging
import re
import time

import numpy as np
import pytest
import torch
from browser.unpacking import unpack
from pages.seen import arrays, html, told
from PIL import Image
from saving import saved

from sc2viz import checkpoints, defaults, evaluation, photographs, published, words
from sc2viz.browser import wire_format
from sc2viz.draw import style
from sc2viz.pages.photograph import answers, chosen_photo
from sc2viz.photographs import peers, places, whole
from sc2viz.ui import cache

NETWORK, LABEL = defaults.PHOTOGRAPHS, style.label(defaults.PHOTOGRAPHS)
PATCHES = "LFISTA"  # a network for patches
SIDE = 64  # of the test pictures on this page, cut out of the middle


@pytest.fixture
def opened(open_page, monkeypatch):
    """The page with small pictures, so that all answers are there in a second."""
    uncut = peers.picture
    monkeypatch.setattr(peers, "picture", lambda name, colour=False: uncut(name, SIDE, colour))
    chosen_photo._test_picture.clear()
    yield lambda **query: settled(open_page("photograph", **query))
    chosen_photo._test_picture.clear()


def settled(app, seconds: float = 60.0):
    """The page when all its answers are there."""
    end = time.monotonic() + seconds
    while "_desk" in app.session_state and app.session_state["_desk"].pending:
        assert time.monotonic() < end
        time.sleep(0.05)
        app.run()
    assert not app.exception and not app.error
    return app


def cards(app) -> dict[str, str]:
    """What stands under each picture."""
    figures = re.sub("(?s)<style>.*?</style>", "", html(app)).split("<figcaption>")[1:]
    return {
        re.match("<span>(.*?)</span>", card)[1]: re.sub("<[^>]+>", " ", card)
        for card in figures
        if "<span>" in card
    }


def scrubber(app) -> tuple[dict, dict]:
    """What the scrubber of the patch, or of Step through, was given, and the arrays that travel beside."""
    for element in app.get("bidi_component"):
        if isinstance(data := told(element), dict) and "groups" in data:
            return data, arrays(element)
    raise AssertionError("there is no scrubber")


def code_of_patch(app) -> np.ndarray:
    """After the last iteration."""
    panels = scrubber(app)[0]["groups"][0]["panels"]
    stems = next(panel for panel in panels if panel["kind"] == "stems")
    return np.frombuffer(base64.b64decode(stems["values"]), "<f4").reshape(stems["size"])[-1]


def code_of_step_through(app, k: int) -> np.ndarray:
    """The code of the k-th solver at every iteration, (T + 1, d_s), as float16 travels."""
    data, texts = scrubber(app)
    label = data["columns"][2 + k]["codes"]["t"]  # after x itself and the optimum
    head, _, text = texts[label["name"]].partition(":")
    size = tuple(label["size"])
    return unpack(wire_format.Parcel(label["name"], head, base64.b64decode(text), size))[:, 0]


def test_a_photograph_is_cleaned_without_words_of_its_reader(opened, caplog):
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").addHandler(
        caplog.handler
    )
    opened(sigma="13")
    assert "Thread 'training': missing" not in caplog.text  # of the thread that cleans


def caption(app, start: str) -> str:
    return next(element.value for element in app.markdown if element.value.startswith(start))


def decibels(psnr: float) -> str:
    return f"{psnr:.2f}\u00a0dB"


def psnr(answer: np.ndarray, name: str = "camera") -> float:
    return peers.quality(peers.picture(name), answer)[0]


def photo(values: np.ndarray) -> bytes:
    return saved(Image.fromarray(values).save, "PNG")


def upload(app, content: bytes, name: str = "mine.png"):
    app.file_uploader(key="_photograph_file").set_value((name, content, "image/png")).run()
    return settled(app)


# The numbers ----------------------------------------------------------------------------------------------------------


def test_opens_on_camera_with_the_numbers_of_photographs_and_of_other_methods_behind_more(opened):
    app = opened()
    noisy = peers.noisy(peers.picture("camera"), 25)
    answer = photographs.denoise(noisy, 25 / 255)
    bm3d = published.read("photographs")["methods"]["bm3d"]["levels"]["25"]["pictures"]["camera"]
    numbers = decibels(psnr(answer.picture)), f"{answer.non_zeros:.1f}"
    assert cards(app).keys() == {LABEL} and all(n in cards(app)[LABEL] for n in numbers)
    sentence = caption(app, f"**{LABEL}** brings camera")
    ahead = decibels(psnr(answer.picture) - bm3d)
    assert numbers[0] in sentence and f"{ahead} above BM3D" in sentence  # of the whole photograph
    app = opened(more="true")
    means = psnr(peers.non_local_means(noisy, 25 / 255))
    assert decibels(psnr(noisy)) in cards(app)["Noisy"]
    assert decibels(means) in cards(app)["Non-local means"]
    sentence = caption(app, f"**{LABEL}** brings camera")
    assert f"{decibels(psnr(answer.picture) - means)} above non-local means" in sentence
    assert any("non-commercial" in element.value for element in app.caption)


@pytest.mark.parametrize(
    "query",
    [
        {"photo": "coffee", "sigma": "40", "price": "1.4", "solvers": ["ISTA", "OMP"]},
        {"do": "approximate", "few": "0.1", "solvers": ["ISTA"]},
    ],
    ids=["denoise", "approximate"],
)
def test_the_python_to_take_away_prints_what_the_page_shows(opened, query):
    app = opened(more="true", **query)
    assert_python_prints_cards(app, query["solvers"])
    [table] = [k for k in app.get("download_button") if k.proto.label == "Numbers (CSV)"]
    assert table.proto.url is not None


def assert_python_prints_cards(app, labels) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, {})  # noqa: S102
    lines = printed.getvalue().splitlines()
    assert len(lines) == len(labels)
    for line, label in zip(lines, labels, strict=True):
        numbers = re.match(rf"{label} (\S+ dB), SSIM (\S+) (\S+) numbers", line).groups()
        assert all(n.replace(" ", "\u00a0") in cards(app)[label] for n in numbers)


@pytest.mark.parametrize("stride", [4, 1])
def test_band_by_band_is_as_the_whole(monkeypatch, stride):
    clean = peers.picture("camera", 70)
    at_hand = chosen_photo.Photo("denoise", "camera", clean, 25, 1.0, True, False, "test")
    monkeypatch.setattr(chosen_photo, "BAND", 32 * 70)
    assert len(list(at_hand.bands())) == 3
    noise = peers.noisy(clean, 25)
    answer = photographs.denoise(noise, 25 / 255, "lfista", stride=stride)
    result = answers._measure_bands(
        at_hand,
        lambda values, first, rows: photographs.denoise(values, 25 / 255, "lfista", stride=stride),
    )
    assert np.abs(result.picture - 255 * answer.picture.clip(0, 1)).max() < 0.51
    assert result.psnr == pytest.approx(peers.quality(clean, answer.picture)[0], abs=1e-3)


@pytest.mark.parametrize("task", ["denoise", "approximate", "inpaint"])
def test_the_sentence_names_the_exact_solver_in_the_readers_language(opened, open_page, task):
    with words.speaking("zh_CN"):
        name = words._("Exact solver")
    query = {"do": task, "solvers": ["Exact solver"], "lost": "random", "share": "10"}
    opened(**query)  # so that the answer is there
    assert caption(open_page("photograph", lang="zh", **query), f"**{name}**")


# A place --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query, labels",
    [
        ({}, [PATCHES]),
        # OMP stops where ‖x − B s‖ ≤ 1.15 σ √d_x, IHT keeps as many codes as exact ones, adaptive ISTA has other gates.
        ({}, ["Adaptive ISTA", "OMP", "IHT"]),
        ({"photo": "coffee", "colour": "true"}, [PATCHES]),
    ],
    ids=["grey", "built", "colour"],
)
def test_a_patch_goes_to_step_through_with_the_same_code(opened, query, labels):
    for front in labels:
        app = opened(row="20", column="30", solvers=labels, front=front, **query)
        code = code_of_patch(app)
        app.button(key="to-step").click().run()
        assert not app.exception and not app.error and app.title[0].value == "Solvers"
        data, T = scrubber(app)[0], app.session_state["T"]
        k = [group["title"] for group in data["groups"]].index(front) - 1
        assert data["at"]["t"] == T and np.count_nonzero(code)
        np.testing.assert_allclose(code_of_step_through(app, k)[T], code, atol=2e-3)
        assert front != "OMP" or np.count_nonzero(code) == T
    if not query and labels == [PATCHES]:
        x = app.session_state["_view"].pixels([0])
        patch = peers.noisy(peers.picture("camera"), 25)[16:24, 26:34].reshape(1, -1)
        np.testing.assert_allclose(x, patch - patch.mean(), atol=1e-6)
        network = checkpoints.load("photographs/lfista")
        expected = network(torch.from_numpy(x), app.session_state["lam"], T).detach().numpy()[0]
        np.testing.assert_allclose(code, expected, atol=1e-4)
        assert data["base"] == pytest.approx(patch.mean(), abs=1e-6)


def test_the_patch_stays_a_data_set_of_this_session_alone(opened, open_page):
    app = opened(solvers=[PATCHES], more="true")
    app.button(key="to-step").click().run()
    assert "patch" in app.sidebar.selectbox(key="data").options[0]
    second_app = open_page("step", data="patch")
    assert second_app.session_state["data"] == "mnist-5k" and not second_app.error


@pytest.mark.parametrize(
    "query, pixel",
    [({"row": "9999", "column": "3"}, (63, 3)), ({"more": "true"}, (16, 29))],
)
def test_a_place_is_within_the_photograph(opened, query, pixel):
    title = f"**The code at row {pixel[0]}, column {pixel[1]}**"
    assert caption(opened(**query), "**The code at") == title


def test_a_place_shows_which_filters_speak_there_and_their_maps(opened):
    app = opened(row="20", column="31")
    noisy = peers.noisy(peers.picture("camera"), 25)
    coder = whole.coder(checkpoints.load(f"photographs/{NETWORK}"))
    place = places.look(noisy, 25 / 255, coder, 20, 31)
    data = scrubber(app)[0]
    panels = data["groups"][0]["panels"]
    filters, maps = (
        np.frombuffer(base64.b64decode(panel["pixels"]), np.uint8).reshape(panel["size"][:4])
        for panel in panels[3:5]
    )
    np.testing.assert_allclose(code_of_patch(app), place.codes[-1], atol=1e-5)
    strong = np.abs(filters[-1].astype(int) - 128).max((1, 2)) > 100
    np.testing.assert_array_equal(strong, evaluation.in_use(place.codes)[-1])
    top = np.abs(place.maps["codes"]).max((0, 2, 3))
    middle = 255 * (place.codes[-1][place.loudest] / top + 1) / 2
    np.testing.assert_allclose(maps[-1][:, places.REACH, places.REACH], middle, atol=1)
    assert not any(button.key == "to-step" for button in app.button)  # which codes vectors
    assert f"The code has **{strong.sum()} non-zeros**" in data["captions"]["t"][-1]


# Dictionaries ---------------------------------------------------------------------------------------------------------


def test_solvers_and_exact_codes_use_a_dictionary_that_is_learned_from_the_photograph(
    opened, monkeypatch
):
    monkeypatch.setattr("sc2viz.photographs.coding.SAMPLE", 600)
    monkeypatch.setattr("sc2viz.photographs.coding.ATOMS", 40)
    labels = ["ISTA", "Exact solver"]
    query = {"patch_dictionary": "learned", "front": "ISTA", "price": "1.4", "more": "true"}
    app = opened(solvers=labels, **query)
    noisy, lam = peers.noisy(peers.picture("camera"), 25), 1.4 * 1.75 * 25 / 255
    for label, solver in zip(labels, ("ista", "exact"), strict=True):
        answer = photographs.denoise(noisy, 25 / 255, solver, "learned", lam=lam)
        numbers = decibels(psnr(answer.picture)), f"{answer.non_zeros:.1f}"
        assert all(number in cards(app)[label] for number in numbers)
    assert_python_prints_cards(app, labels)
    assert "--solver exact --dictionary learned" in app.code[1].value
    code = code_of_patch(app)
    app.button(key="to-step").click().run()
    assert not app.exception and not app.error and app.session_state["_view"].data == "patch"
    assert "40 atoms" in app.sidebar.selectbox(key="dictionary").options[0]
    at_end = code_of_step_through(app, 0)[app.session_state["T"]]
    np.testing.assert_allclose(at_end, code, atol=2e-3)


def test_the_readers_own_dictionary_may_be_of_larger_patches(opened, tmp_path, monkeypatch):
    B = np.random.default_rng(0).standard_normal((144, 60)).astype(np.float32)
    content = saved(np.save, B / np.linalg.norm(B, axis=0))
    app = opened(patch_dictionary="yours…", solvers=["ISTA"])
    shipped = cards(app)["ISTA"]
    app.file_uploader(key="_dictionary_file").set_value(("twelve.npy", content, "")).run()
    app = settled(app)
    noisy = peers.noisy(peers.picture("camera"), 25)
    answer = photographs.denoise(noisy, 25 / 255, "ista", B / np.linalg.norm(B, axis=0))
    assert decibels(psnr(answer.picture)) in cards(app)["ISTA"] != shipped
    assert "--solver ista --dictionary twelve.npy" in app.code[1].value  # as the shell writes it
    (tmp_path / "twelve.npy").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    assert_python_prints_cards(app, ["ISTA"])
    bad = ("odd.npy", photo(np.zeros((9, 40), np.uint8)), "")
    app.file_uploader(key="_dictionary_file").set_value(bad).run()
    assert any("odd.npy" in warning.value for warning in app.warning)
    assert cards(settled(app))["ISTA"] == shipped


# A reader's own -------------------------------------------------------------------------------------------------------


def test_an_own_photograph_stays_in_the_session(opened):
    rng, shared = np.random.default_rng(0), set(cache.SHARED.values)
    for width in (30, 40):
        values = rng.integers(0, 256, (24, width), np.uint8)
        app = upload(opened(photo="yours"), photo(values), "mine.png")
        clean = values / 255
        answer = photographs.denoise(peers.noisy(clean, 25), 25 / 255)
        assert decibels(peers.quality(clean, answer.picture)[0]) in cards(app)[LABEL]
        assert any(f"{width} × 24 pixels" in element.value for element in app.sidebar.caption)
    assert set(cache.SHARED.values) == shared and len(app.session_state["_results"].values) > 0


def test_a_photograph_that_is_noisy_already_is_cleaned_by_its_estimated_noise(opened):
    noise = peers.noisy(peers.picture("coffee", colour=True), 20)
    noisy = (255 * noise.clip(0, 1)).round().astype(np.uint8)
    app = upload(opened(photo="yours", already="true"), photo(noisy))
    sigma = app.session_state["sigma"]
    assert abs(sigma - 255 * photographs.estimate_sigma(noisy / 255)) <= 0.5
    answer = photographs.denoise(noisy / 255, sigma / 255)
    label = style.label(defaults.PATCHES)  # it has colours
    assert caption(app, f"**{label}** removes the noise")
    assert f"{answer.non_zeros:.1f}" in cards(app)[label]
    assert not any("dB" in card for card in cards(app).values())  # there is nothing to compare with


@pytest.mark.parametrize(
    "content, message",
    [
        (b"not a picture", "cannot be read as a picture"),
        (photo(np.zeros((9, 40), np.uint8)), "16 × 16"),
    ],
    ids=["no picture", "too small"],
)
def test_a_bad_photograph_is_refused_where_it_was_dropped(opened, content, message):
    app = upload(opened(photo="yours"), content, "bad.png")
    assert any(message in warning.value and "bad.png" in warning.value for warning in app.warning)


def test_a_large_photograph_is_fitted_and_says_so(opened, monkeypatch):
    monkeypatch.setattr("sc2viz.ui.own.photograph.MAX_PIXELS", 40 * 30)
    app = upload(opened(photo="yours"), photo(np.zeros((60, 80), np.uint8)))
    assert any(
        "40 × 30 pixels, fitted from 80 × 60." in element.value for element in app.sidebar.caption
    )


def test_further_answers_can_be_stopped_and_asked_for_again(opened, open_page):
    app = open_page("photograph", sigma="31")
    app.session_state["_desk"].cancel()
    assert "coarse" in cards(settled(app.run()))[LABEL]
    next(button for button in app.button if button.label == "Refine").click().run()
    assert "coarse" not in cards(settled(app))[LABEL]


# Inpaint and approximate ----------------------------------------------------------------------------------------------


def test_what_is_filled_in_is_that_of_photographs(opened):
    app = opened(do="inpaint", lost="random", share="20", more="true")
    clean = peers.picture("camera")
    missing = np.random.RandomState(0).random_sample(clean.shape) < 0.2
    answer = photographs.inpaint(clean, missing, "fista")
    error = np.mean((clean - answer.picture.clip(0, 1))[missing] ** 2)
    numbers = (
        decibels(-10 * np.log10(error)),
        f"{psnr(answer.picture):.2f}",
        f"{100 * answer.gap:.2f}",
    )
    assert not [number for number in numbers if number not in cards(app)["FISTA"]]
    sentence = f"**FISTA** fills in {missing.sum()} pixels"
    assert numbers[0] in caption(app, sentence)


def test_nothing_is_filled_in_before_something_is_painted_over(opened):
    app = opened(do="inpaint", lost="painted", more="true")
    assert caption(app, "Paint over something in the photograph") and not cards(app)


def paint(app, hole: tuple[slice, slice]):
    """Let the reader have painted over a part of camera, without another mask."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[hole] = True
    app.session_state["_painted"] = ((("camera", False), mask.shape, "painted"), mask)
    return settled(app.run()), mask


def test_what_was_painted_belongs_to_the_choice_of_what_is_missing(opened):
    app, mask = paint(opened(do="inpaint", lost="painted"), np.s_[20:40, 20:40])
    for kind, amount in ("random", None), ("painted", mask.sum()):
        app.segmented_control(key="lost").set_value(kind).run()
        if amount is None:
            amount = (np.random.RandomState(0).random_sample(mask.shape) < 0.5).sum()
        assert f" {amount:,} pixels of" in caption(settled(app), "**FISTA** fills in")


@pytest.mark.parametrize("lost", ["painted", "random"])
def test_why_counts_what_is_known_where_pixels_are_missing(opened, lost):
    app = opened(do="inpaint", lost=lost)
    missing = np.random.RandomState(0).random_sample((SIDE, SIDE)) < 0.5
    if lost == "painted":
        app, missing = paint(app, np.s_[20:40, 20:40])
    patches = np.lib.stride_tricks.sliding_window_view(~missing, (8, 8))[::2, ::2]
    known = patches.sum((2, 3))
    known, why = known[known < 64], caption(app, "Each known number")
    assert f"are missing, **{known.mean():.0f}** of 64 on average" in why
    assert (known.min() == 0) == (lost == "painted") == ("**none** where most are" in why)


@pytest.mark.parametrize("share", ["20", "90"])
def test_where_biharmonic_interpolation_takes_too_long_this_is_said(opened, share):
    app = opened(do="inpaint", lost="random", share=share, more="true")
    is_said = any("not compared: with so many" in element.value for element in app.caption)
    assert is_said == (share == "90") != ("Biharmonic" in cards(app))


def test_a_small_hole_is_filled_in_as_in_the_whole_photograph():
    clean = peers.picture("camera", 96)
    missing = np.zeros(clean.shape, bool)
    missing[50:55, 31:47] = True
    region = answers.surroundings(missing)
    assert region == (slice(32, 80), slice(0, 64))
    filled = photographs.inpaint(clean[region], missing[region], "fista").picture
    np.testing.assert_allclose(
        filled, photographs.inpaint(clean, missing, "fista").picture[region], atol=1e-5
    )
