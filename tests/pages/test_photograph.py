"""The page Photograph without a browser: its numbers are those of `photographs`, and readers do not cross."""

import base64
import contextlib
import csv
import io
import re
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from browser.unpacking import unpack
from pages.seen import arrays, html, told
from PIL import Image
from saving import saved
from scipy import stats

from sc2viz import checkpoints, defaults, evaluation, photographs, published
from sc2viz.browser import wire_format
from sc2viz.draw import style
from sc2viz.jobs import scheduling
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.conv_runs import ConvRun
from sc2viz.lab.experiments.photograph_runs import PhotographRun
from sc2viz.lab.reports import gate_tables
from sc2viz.pages.photograph import (
    answer_cards,
    background_tasks,
    denoise_tasks,
    describe_photograph,
    inpaint_tasks,
    noisy_photo,
    take_away,
)
from sc2viz.photographs import Stopped, coding, peers, places, whole
from sc2viz.ui import cache
from sc2viz.ui.own import memory

NETWORK, LABEL = defaults.PHOTOGRAPHS, style.label(defaults.PHOTOGRAPHS)
PATCHES = "LFISTA"  # a network for patches
SIDE = 64  # of the test pictures on this page, cut out of the middle


@pytest.fixture
def opened(open_page, monkeypatch):
    """The page with small pictures, so that all answers are there in a second."""
    whole = peers.picture
    monkeypatch.setattr(
        noisy_photo.peers, "picture", lambda name, colour=False: whole(name, SIDE, colour)
    )
    noisy_photo._tested.clear()
    yield lambda **query: settled(open_page("photograph", **query))
    noisy_photo._tested.clear()


def settled(app, seconds: float = 60.0):
    """The page when all its answers are there."""
    end = time.monotonic() + seconds
    while (
        "_desk" in app.session_state and app.session_state["_desk"].waits and time.monotonic() < end
    ):
        time.sleep(0.05)
        app.run()
    assert not app.exception and not app.error and time.monotonic() < end
    return app


def cards(app) -> dict[str, str]:
    """What stands under each picture."""
    found = re.sub("(?s)<style>.*?</style>", "", html(app)).split("<figcaption>")[1:]
    return {
        re.match("<span>(.*?)</span>", card)[1]: re.sub("<[^>]+>", " ", card)
        for card in found
        if "<span>" in card
    }


def scrubber(app) -> tuple[dict, dict]:
    """What the scrubber of the patch, or of Step through, was given, and the arrays that travel beside."""
    for each in app.get("bidi_component"):
        if isinstance(data := told(each), dict) and "groups" in data:
            return data, arrays(each)
    raise AssertionError("there is no scrubber")


def test_why_says_what_learning_buys_on_the_middle_of_the_photograph(opened):
    app = opened(sigma="25")
    said = next(
        each.value for each in app.markdown if "were trained to return clean patches" in each.value
    )
    clean = peers.picture("camera", SIDE)
    noisy = peers.noisy(clean, 25)
    part = (slice(max(0, (SIDE - 128) // 2), (SIDE + 128) // 2),) * 2
    psnr = []
    for solver in (f"photographs/{NETWORK}", "fista"):
        made = photographs.denoise(noisy[part], 25 / 255, solver, stride=4).picture
        psnr.append(-10 * np.log10(np.mean((made.clip(0, 1) - clean[part]) ** 2)))
    assert (
        f": {psnr[0] - psnr[1]:.2f}\u00a0dB over FISTA in the middle" in said
        and "10 layers beside 20 iterations" in said
    )


def code_of_patch(app) -> np.ndarray:
    """After the last iteration."""
    panels = scrubber(app)[0]["groups"][0]["panels"]
    stems = next(panel for panel in panels if panel["kind"] == "stems")
    return np.frombuffer(base64.b64decode(stems["values"]), "<f4").reshape(stems["size"])[-1]


def caption(app, start: str) -> str:
    return next(each.value for each in app.markdown if each.value.startswith(start))


def photo(values: np.ndarray) -> bytes:
    return saved(Image.fromarray(values).save, "PNG")


def upload(app, content: bytes, name: str = "mine.png"):
    app.file_uploader(key="_photograph_file").set_value((name, content, "image/png")).run()
    return settled(app)


# The numbers ----------------------------------------------------------------------------------------------------------


def test_opens_on_camera_with_the_numbers_of_photographs(opened):
    app = opened()
    clean = peers.picture("camera", SIDE)
    noisy = peers.noisy(clean, 25)
    answer = photographs.denoise(noisy, 25 / 255)
    psnr, ssim = peers.quality(clean, answer.picture)
    shown = cards(app)[LABEL]
    for number in (
        f"{psnr:.2f}\u00a0dB",
        f"{ssim:.3f}",
        f"{answer.non_zeros_a_pixel:.2f}",
        f"{answer.non_zeros:.1f}",
    ):
        assert number in shown
    assert f"{peers.quality(clean, noisy)[0]:.2f}\u00a0dB" in cards(app)["Noisy"]
    means = peers.quality(clean, peers.non_local_means(noisy, 25 / 255))[0]
    assert f"{means:.2f}\u00a0dB" in cards(app)["Non-local means"]
    stored = records.load(PhotographRun)[PhotographRun("bm3d", 25, 0)]["metrics"]["camera"]
    assert f"{stored:.2f}\u00a0dB" in cards(app)["BM3D"]
    said = caption(app, f"**{LABEL}** brings camera")
    assert f"{psnr:.2f}\u00a0dB" in said and all(
        f"{abs(psnr - other):.2f}\u00a0dB" in said for other in (means, stored)
    )
    assert any("non-commercial" in each.value for each in app.expander[0].markdown)


def test_why_sets_decibels_beside_seconds(opened):
    """What learning buys is the difference of two cards, and so is what it costs."""
    app = opened(solvers=["ISTA", LABEL])
    numbers = {}
    for label in ("ISTA", LABEL):
        psnr, seconds = (
            re.search(r"(\S+)\u00a0dB", cards(app)[label])[1],
            re.search(r"one core\s+(\S+)", cards(app)[label])[1],
        )
        numbers[label] = float(psnr), seconds
    apart = numbers[LABEL][0] - numbers["ISTA"][0]
    [why] = [each.value for each in app.expander[0].markdown]
    told = float(re.search(r"(\S+)\u00a0dB (?:over|less than) ISTA", why)[1])
    assert abs(told - abs(apart)) < 0.011
    layers, iterations = checkpoints.load(f"photographs/{NETWORK}").steps, coding.STEPS
    assert (
        f"{numbers[LABEL][1]} s for {layers} layers beside {numbers['ISTA'][1]} s for {iterations} iterations"
        in why
    )


def test_who_gives_way_is_said_and_whether_it_was_the_best(opened):
    psnr = {"SLSTM": 29.0, "ISTA": 27.0, "LFISTA": 28.5}
    told = describe_photograph.gave_way(
        ["SLSTM", "ISTA", "LFISTA", "OMP"], ["ISTA", "LFISTA", "OMP"], 3, psnr
    )
    assert (
        "**SLSTM** (29.00\u00a0dB) gave way to OMP, because three work at a time" in told
        and "is the best" in told
    )
    told = describe_photograph.gave_way(
        ["ISTA", "SLSTM", "LFISTA", "OMP"], ["SLSTM", "LFISTA", "OMP"], 3, psnr
    )
    assert "**ISTA** (27.00\u00a0dB) gave way" in told and "the best" not in told
    assert not describe_photograph.gave_way(["ISTA", "OMP"], ["ISTA", "OMP"], 3, psnr)
    app = opened(solvers=["LISTA", "ISTA", "FISTA", LABEL])
    assert any("**LISTA** gave way to" in each.value for each in app.caption)


def test_the_python_to_take_away_prints_what_the_page_shows(opened):
    app = opened(photo="coffee", sigma="40", price="1.4", solvers=["ISTA", "OMP"])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, {})  # noqa: S102
    lines = printed.getvalue().splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["ISTA", "OMP"]
    for line in lines:
        label, psnr, ssim, numbers = re.match(
            r"(\w+) (\S+ dB), SSIM (\S+) (\S+) numbers", line
        ).groups()
        assert all(
            number in cards(app)[label] for number in (psnr.replace(" ", "\u00a0"), ssim, numbers)
        )
    assert "BM3D" not in cards(app)  # which was measured at other σ


def test_the_table_to_take_away_has_a_number_for_every_heading():
    at_hand = noisy_photo.Photo("camera", np.zeros((2, 3)), 25, 1.0, True, False, "test")
    result = background_tasks.MadePicture(
        np.zeros((2, 3), np.uint8), 1.0, 2.0, 4.0, 5.0, "", 6.0, 3.0
    )
    found = answer_cards.Found(at_hand, (), "view", result, fine={"ISTA": result})
    noisy, row = csv.DictReader(io.StringIO(take_away._table(at_hand, found)))
    assert (noisy["method"], row["method"], row["height"], row["width"]) == (
        "Noisy",
        "ISTA",
        "2",
        "3",
    )
    numbers = ("psnr_db", "ssim", "atoms_a_patch", "numbers_a_pixel", "seconds", "psnr_missing_db")
    assert [float(row[name]) for name in numbers] == [1, 2, 3, 4, 5, 6]


def test_another_method_stands_in_front_only_where_no_chosen_solver_will():
    at_hand = noisy_photo.Photo("camera", np.zeros((2, 3)), 25, 1.0, True, False, "test")
    result = background_tasks.MadePicture(
        np.zeros((2, 3), np.uint8), 1.0, 2.0, 4.0, 5.0, "", 6.0, 3.0
    )
    making, broken = SimpleNamespace(problem=""), SimpleNamespace(problem="it failed")

    def front(asked=None, making=making, **there) -> str:
        return answer_cards.Found(
            at_hand, (), "view", result, peer=result, works={"ISTA": making}, **there
        ).front(asked)

    assert front() == "" and front("ISTA") == ""  # its answer is on its way
    assert front(asked=answer_cards.PEER) == answer_cards.PEER  # which the reader has chosen
    assert front(coarse={"ISTA": result}) == front("ISTA", coarse={"ISTA": result}) == "ISTA"
    assert front(making=broken) == answer_cards.PEER


@pytest.mark.parametrize("stride", [denoise_tasks.COARSE, denoise_tasks.FINE])
def test_band_by_band_is_as_the_whole(monkeypatch, stride):
    clean = peers.picture("camera", 70)
    at_hand = noisy_photo.Photo("camera", clean, 25, 1.0, True, False, "test")
    monkeypatch.setattr(noisy_photo, "BAND", 32 * 70)
    found = denoise_tasks._cleaned(at_hand, denoise_tasks.Way("lfista"), stride, lambda share: True)
    answer = photographs.denoise(peers.noisy(clean, 25), 25 / 255, "lfista", stride=stride).picture
    assert len(list(at_hand.bands())) == 3
    assert np.abs(found.picture - 255 * answer.clip(0, 1)).max() < 0.51
    assert found.psnr == pytest.approx(peers.quality(clean, answer)[0], abs=1e-3)


# A place --------------------------------------------------------------------------------------------------------------


def code_of_step_through(app, k: int) -> np.ndarray:
    """The code of the k-th solver at every iteration, (T + 1, d_s), as float16 travels."""
    data, texts = scrubber(app)
    label = data["columns"][2 + k]["codes"]["t"]  # after x itself and the optimum
    head, _, text = texts[label["name"]].partition(":")
    return unpack(
        wire_format.Parcel(label["name"], head, base64.b64decode(text), tuple(label["size"]))
    )[:, 0]


def test_a_patch_goes_to_step_through_with_the_same_code(opened):
    app = opened(row="20", column="30", solvers=[PATCHES])
    code = code_of_patch(app)
    app.button(key="to-step").click().run()
    assert not app.exception and not app.error and app.title[0].value == "Step through"
    x = app.session_state["_view"].pixels([0])
    noisy = peers.noisy(peers.picture("camera", SIDE), 25)[16:24, 26:34].reshape(1, -1)
    np.testing.assert_allclose(x, noisy - noisy.mean(), atol=1e-6)
    network = checkpoints.load("photographs/lfista")
    expected = (
        network(torch.from_numpy(x), app.session_state["lam"], app.session_state["T"])
        .detach()
        .numpy()[0]
    )
    np.testing.assert_allclose(code, expected, atol=1e-4)
    data, _ = scrubber(app)
    assert data["groups"][1]["title"] == PATCHES and data["at"]["t"] == 10
    np.testing.assert_allclose(code_of_step_through(app, 0)[10], code, atol=2e-3)
    assert data["base"] == pytest.approx(noisy.mean(), abs=1e-6)


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
def test_solvers_are_built_in_step_through_as_for_the_photograph(opened, colour):
    """OMP stops where ‖x − B s‖ ≤ 1.15 σ √d_x, IHT keeps as many codes as exact ones have, adaptive ISTA has other gates."""
    labels = ["Adaptive ISTA", "OMP", "IHT"] if not colour else [PATCHES]
    for front in labels:
        app = opened(
            solvers=labels, front=front, **({"photo": "coffee", "colour": "true"} if colour else {})
        )
        code = code_of_patch(app)
        app.button(key="to-step").click().run()
        assert not app.exception and not app.error and app.title[0].value == "Step through"
        data, T = scrubber(app)[0], app.session_state["T"]
        k = [group["title"] for group in data["groups"]].index(front) - 1
        assert data["at"]["t"] == T and np.count_nonzero(code)
        np.testing.assert_allclose(code_of_step_through(app, k)[T], code, atol=2e-3)
        assert front != "OMP" or np.count_nonzero(code) == T


def test_the_patch_stays_a_data_set_of_this_session_alone(opened, open_page):
    app = opened(solvers=[PATCHES])
    app.button(key="to-step").click().run()
    assert "patch" in app.sidebar.selectbox(key="data").options[0]
    other = open_page("step", data="patch")
    assert other.session_state["data"] == "mnist-5k" and not other.error


@pytest.mark.parametrize(
    "asked, pixel", [({"row": "9999", "column": "3"}, (63, 3)), ({}, (16, 29))]
)
def test_a_place_is_within_the_photograph(opened, asked, pixel):
    assert (
        caption(opened(**asked), "**Filters at")
        == f"**Filters at row {pixel[0]}, column {pixel[1]}**"
    )


def test_a_place_shows_which_filters_speak_there_and_their_maps(opened):
    app = opened(row="20", column="31")
    noisy = peers.noisy(peers.picture("camera", SIDE), 25)
    place = places.look(
        noisy, 25 / 255, whole.coder(checkpoints.load(f"photographs/{NETWORK}")), 20, 31
    )
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
    assert f"**{strong.sum()}** filter" in data["captions"]["t"][-1]


def test_what_the_gates_do_is_said_once_it_was_measured(opened, monkeypatch):
    runs = {
        ConvRun(arm, 9, seed): {"metrics": {"psnr": psnr + 0.01 * seed * (arm == "slstm")}}
        for arm, psnr in (("slstm", 30.5), ("lista", 30.25))
        for seed in range(3)
    }
    parts = {"gates": gate_tables.publish(runs)}
    monkeypatch.setattr(published, "read", lambda part: parts.get(part, {}))
    p = stats.ttest_1samp([0.25, 0.26, 0.27], 0).pvalue
    app = opened()
    said = caption_of_gates(app)
    assert "gates help a network on filters. After 9 batches" in said
    assert (
        f"Conv-SLSTM is 0.260 dB above Conv-LISTA with as many parameters (p = {p:.2g})" in said
        and "3 seeds" in said
    )
    assert "BM3D" not in cards(app)  # of which there is no record here
    parts.clear()
    assert not caption_of_gates(app.run())


def caption_of_gates(app) -> str:
    return next((each.value for each in app.caption if "gates" in each.value), "")


# Dictionaries ---------------------------------------------------------------------------------------------------------


def test_solvers_and_exact_codes_use_a_dictionary_that_is_learned_from_the_photograph(
    opened, monkeypatch
):
    monkeypatch.setattr("sc2viz.photographs.coding.SAMPLE", 600)
    monkeypatch.setattr("sc2viz.photographs.coding.ATOMS", 40)
    app = opened(
        patch_dictionary="learned", solvers=["ISTA", "Exact solver"], front="ISTA", price="1.4"
    )
    noisy, lam = peers.noisy(peers.picture("camera", SIDE), 25), 1.4 * 1.75 * 25 / 255
    for label, solver in (("ISTA", "ista"), ("Exact solver", "exact")):
        answer = photographs.denoise(noisy, 25 / 255, solver, "learned", lam=lam)
        psnr = peers.quality(peers.picture("camera", SIDE), answer.picture)[0]
        assert (
            f"{psnr:.2f}\u00a0dB" in cards(app)[label]
            and f"{answer.non_zeros:.1f}" in cards(app)[label]
        )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, {})  # noqa: S102
    for line in printed.getvalue().splitlines():
        label, psnr = re.match(r"(.+) (\S+ dB), SSIM", line).groups()
        assert psnr.replace(" ", "\u00a0") in cards(app)[label]
    assert "--solver exact --dictionary learned --lam" in app.code[1].value
    code = code_of_patch(app)
    app.button(key="to-step").click().run()
    assert not app.exception and not app.error
    assert (
        app.session_state["_view"].data == "patch"
        and "40 atoms" in app.sidebar.selectbox(key="dictionary").options[0]
    )
    np.testing.assert_allclose(
        code_of_step_through(app, 0)[app.session_state["T"]], code, atol=2e-3
    )


def test_the_readers_own_dictionary_may_be_of_larger_patches(opened, tmp_path, monkeypatch, capsys):
    B = np.random.default_rng(0).standard_normal((144, 60)).astype(np.float32)
    content = saved(np.save, B / np.linalg.norm(B, axis=0))
    app = opened(patch_dictionary="yours…", solvers=["ISTA", LABEL])
    shipped = cards(app)["ISTA"]
    app.file_uploader(key="_dictionary_file").set_value(("twelve.npy", content, "")).run()
    app = settled(app)
    noisy = peers.noisy(peers.picture("camera", SIDE), 25)
    answer = photographs.denoise(noisy, 25 / 255, "ista", B / np.linalg.norm(B, axis=0))
    assert (
        f"{peers.quality(peers.picture('camera', SIDE), answer.picture)[0]:.2f}\u00a0dB"
        in cards(app)["ISTA"]
        != shipped
    )
    assert "--solver ista --dictionary twelve.npy" in app.code[1].value  # as the shell writes it
    (tmp_path / "twelve.npy").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    exec(app.code[0].value, {})  # noqa: S102
    assert capsys.readouterr().out.partition(" dB")[0].removeprefix("ISTA ") in cards(app)["ISTA"]
    assert any(
        f"{LABEL} keeps the atoms that it has learned." in each.value for each in app.caption
    )
    app.file_uploader(key="_dictionary_file").set_value(
        ("odd.npy", photo(np.zeros((9, 40), np.uint8)), "")
    ).run()
    assert (
        any("odd.npy" in each.value for each in app.warning)
        and cards(settled(app))["ISTA"] == shipped
    )


# A reader's own -------------------------------------------------------------------------------------------------------


def test_an_own_photograph_stays_in_the_session(opened):
    rng = np.random.default_rng(0)
    one, two = (photo(rng.integers(0, 256, (24, side), np.uint8)) for side in (30, 40))
    shared = set(cache.SHARED.values)
    apps = [
        upload(opened(photo="yours"), content, f"{name}.png")
        for name, content in (("one", one), ("two", two))
    ]
    for app, content, width in zip(apps, (one, two), (30, 40), strict=True):
        clean = np.asarray(Image.open(io.BytesIO(content))) / 255
        answer = photographs.denoise(peers.noisy(clean, 25), 25 / 255)
        assert f"{peers.quality(clean, answer.picture)[0]:.2f}\u00a0dB" in cards(app)[LABEL]
        assert any(f"{width} × 24 pixels" in each.value for each in app.sidebar.caption)
    fresh = [key for key in cache.SHARED.values if key not in shared]
    results, desk = (apps[0].session_state[key] for key in ("_results", "_desk"))
    assert not fresh and len(results.values) > 0
    assert (
        results.room
        == desk.nbytes
        == sum(memory.nbytes(each.result) for each in desk.works.values())
        > 24 * 30
    )


def test_a_photograph_that_is_noisy_already_is_cleaned_by_its_estimated_noise(opened):
    noisy = (
        (255 * peers.noisy(peers.picture("coffee", SIDE), 20).clip(0, 1)).round().astype(np.uint8)
    )
    app = upload(opened(photo="yours", already="true"), photo(noisy))
    sigma = app.session_state["sigma"]
    assert abs(sigma - 255 * photographs.estimate_sigma(noisy / 255)) <= 0.5
    answer = photographs.denoise(noisy / 255, sigma / 255)
    told = f"every patch with {answer.non_zeros:.1f} atoms on average"  # it has colours
    assert told in caption(app, f"**{style.label(defaults.PATCHES)}** removes")
    assert not any("dB" in card for card in cards(app).values())  # there is nothing to compare with


@pytest.mark.parametrize(
    "content, said",
    [
        (b"not a picture", "cannot be read as a picture"),
        (photo(np.zeros((9, 40), np.uint8)), "16 × 16"),
    ],
    ids=["no picture", "too small"],
)
def test_a_bad_photograph_is_refused_where_it_was_dropped(opened, content, said):
    app = upload(opened(photo="yours"), content, "bad.png")
    assert any(said in each.value and "bad.png" in each.value for each in app.warning)


def test_a_large_photograph_is_fitted_and_says_so(opened, monkeypatch):
    monkeypatch.setattr("sc2viz.ui.own.photograph.MOST_PIXELS", 40 * 30)
    app = upload(opened(photo="yours"), photo(np.zeros((60, 80), np.uint8)))
    assert any("40 × 30 pixels, fitted from 80 × 60." in each.value for each in app.sidebar.caption)


# In the background ----------------------------------------------------------------------------------------------------


def test_work_ends_when_its_last_reader_leaves_and_begins_anew():
    asked, ended = [], []

    def make(told) -> background_tasks.MadePicture:
        asked.append(1)
        while len(asked) == 1:
            if not told(0.1):
                ended.append(1)
                raise Stopped
            time.sleep(0.01)
        return background_tasks.MadePicture(np.zeros((2, 2), np.uint8))

    def until(true) -> None:
        end = time.monotonic() + 20
        while not true() and time.monotonic() < end:
            time.sleep(0.01)
        assert true()

    waited = []
    scheduler, store = (
        scheduling.Scheduler(scheduling.Limits(), stand_back=waited.append),
        cache.Store(1),
    )
    one = background_tasks.Making(background_tasks.Task("key", make, False), store, scheduler)
    one.ask(1)
    one.ask(2)
    until(lambda: asked)
    one.leave(1)
    time.sleep(0.1)
    assert not ended and scheduler.runs(one)
    one.leave(2)
    until(lambda: ended and not scheduler.runs(one))
    assert not one.done and store.peek("key") is None
    one.ask(3)
    until(lambda: one.done)
    assert store.peek("key") is one.result and waited
    scheduler.close()


def test_what_a_desk_holds_counts_in_the_memory_of_the_session(monkeypatch):
    """It is held though the store has no room for it, and the store has the rest."""
    store = cache.Store(0.1)  # MB
    monkeypatch.setattr(cache, "of_session", lambda: store)
    desk, made = background_tasks.Desk(), []

    def task(name: str, quick: bool) -> background_tasks.Task:
        def make(told) -> background_tasks.MadePicture:
            made.append(name)
            return background_tasks.MadePicture(
                np.zeros((200, 200), np.uint8), psnr=float(len(name))
            )

        return background_tasks.Task(name, make, True, quick)

    quick, fine = (
        [task("one", True), task("three", True)],
        [task("fine one", False), task("fine three", False)],
    )
    enough, end = frozenset(), time.monotonic() + 20
    while (desk.ask(quick, fine, enough), desk.waits)[1] and time.monotonic() < end:
        enough = {
            coarse.key
            for coarse, then in zip(quick, fine, strict=True)
            if desk.there(then) is not None
        }
        time.sleep(0.01)
    first, second = desk.ask(quick, fine, {each.key for each in quick})
    assert [each.psnr for each in first] == [3, 5] and [each.psnr for each in second] == [8, 10]
    assert not any(each.picture.size for each in first) and all(
        each.picture.size == 40_000 for each in second
    )
    held = desk.nbytes
    assert store.values.currsize + held <= 1e5
    for _ in range(3):
        desk.ask(quick, fine, {each.key for each in quick})
    assert sorted(made) == ["fine one", "fine three", "one", "three"]
    desk.ask(quick[:1], [])
    assert desk.nbytes < held  # what is not asked for any more is not held


def test_the_fine_answer_can_be_stopped_and_asked_for_again(opened, open_page):
    opened()  # so that the coarse answer is there
    app = open_page("photograph")
    desk = app.session_state["_desk"]
    desk.stop()
    app.run()
    assert "coarse" in cards(app)[LABEL] and not desk.waits
    next(button for button in app.button if button.label == "Refine").click().run()
    assert "coarse" not in cards(settled(app))[LABEL]


# Inpaint and approximate ----------------------------------------------------------------------------------------------


def test_what_is_filled_in_is_that_of_photographs(opened):
    app = opened(do="inpaint", lost="random", share="20")
    clean = peers.picture("camera", SIDE)
    missing = np.random.RandomState(0).random_sample(clean.shape) < 0.2
    answer = photographs.inpaint(clean, missing, "fista")
    error = np.mean((clean - answer.picture.clip(0, 1))[missing] ** 2)
    assert f"{-10 * np.log10(error):.2f}\u00a0dB" in cards(app)["FISTA"]
    assert f"{peers.quality(clean, answer.picture)[0]:.2f}\u00a0dB" in cards(app)["FISTA"]


def test_a_small_hole_is_filled_in_as_in_the_whole_photograph():
    clean = peers.picture("camera", 96)
    missing = np.zeros(clean.shape, bool)
    missing[50:55, 31:47] = True
    rows, columns = inpaint_tasks._around(missing)
    assert (rows, columns) == (slice(32, 80), slice(0, 64))
    part = photographs.inpaint(clean[rows, columns], missing[rows, columns], "fista").picture
    whole = photographs.inpaint(clean, missing, "fista").picture
    np.testing.assert_allclose(part, whole[rows, columns], atol=1e-5)


def test_few_numbers_are_those_of_photographs(opened):
    app = opened(do="approximate", few="0.1", solvers=["ISTA"])
    clean = peers.picture("camera", SIDE)
    answer = photographs.approximate(clean, 0.1, "ista", "photographs")
    assert f"{peers.quality(clean, answer.picture)[0]:.2f}\u00a0dB" in cards(app)["ISTA"]
