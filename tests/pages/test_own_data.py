"""A reader's own data and dictionaries, without a browser."""

import time

import numpy as np
import pytest
import torch
from pages import seen
from pages.seen import html, turn_to
from saving import saved
from skimage.metrics import peak_signal_noise_ratio

from sc2viz import data, lasso
from sc2viz.ui import cache, phrases

RNG = np.random.default_rng(0)
PAGES = ("welcome", "compare", "step", "gates", "activations", "train", "lambda", "dictionary")
GREY = RNG.random((40, 6, 5), np.float32)
COLOUR = RNG.random((40, 4, 4, 3), np.float32)
ROWS = RNG.normal(0, 3, (40, 30)).astype(np.float32)


def atoms(d_x: int, d_s: int, seed: int = 0) -> np.ndarray:
    B = np.random.default_rng(seed).standard_normal((d_x, d_s)).astype(np.float32)
    return B / np.linalg.norm(B, axis=0)


def until_learned(app):
    for _ in range(600):
        if not any(button.label == "Cancel" for button in app.button):
            return app
        time.sleep(0.1)
        app.run()
    raise AssertionError("the dictionary was not learned")


def clean(app) -> None:
    assert not app.exception and not app.error, [error.value for error in app.error]


@pytest.fixture
def brought(open_page):
    """Open a page, bring data, and wait until its dictionary is learned."""

    def visit(path: str, content: bytes, name: str = "mine.npz", **query):
        app = open_page(path, data="yours", learn="16", **query)
        app.file_uploader(key="_data_file").upload(name, content).run()
        return until_learned(app)

    return visit


@pytest.mark.parametrize(("rows", "shape"), [(GREY, (6, 5, 1)), (COLOUR, (4, 4, 3)), (ROWS, None)])
def test_own_data_open_every_page(brought, rows, shape):
    app = brought("compare", saved(np.savez, x_train=rows, x_test=rows[:20]))
    shared = {*cache.SHARED.values, *cache.DICTIONARIES.values}
    for path in PAGES:
        turn_to(app, path)
        clean(app)
        view = app.session_state["_view"]
        assert view.data == "yours" and view.images.shape == shape and len(view.images) == 20, path
    assert {
        *cache.SHARED.values,
        *cache.DICTIONARIES.values,
    } == shared  # nothing of it is in a cache that others reach
    assert app.session_state["_results"].values


def test_until_a_file_is_chosen_another_data_set_is_shown(open_page):
    app = open_page("compare", data="yours")
    assert app.session_state["_view"].data == "mnist-5k"
    assert any("until then mnist-5k is shown" in caption.value for caption in app.caption)
    assert app.sidebar.selectbox(key="dictionary").value == "mnist"  # and its dictionary


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (saved(np.savez, x_train=GREY[:1], x_test=GREY), "at least 2 rows"),
        (saved(np.savez, x_train=np.ones((5, 1)), x_test=np.ones((5, 1))), "at least 2 numbers"),
        (
            saved(
                np.savez,
                x_train=np.zeros((10**6, 64), np.uint8),
                x_test=np.zeros((1, 64), np.uint8),
            ),
            "at most 100 MB",
        ),
        (saved(np.savez, x_train=GREY, x_test=ROWS), "rows of one shape"),
        (b"only text", "is not a .npz file"),
    ],
)
def test_bad_data_is_named_below_the_menu(open_page, content, message):
    app = open_page("compare", data="yours")
    app.file_uploader(key="_data_file").upload("mine.npz", content).run()
    clean(app)
    assert message in app.sidebar.warning[0].value and "mine.npz" in app.sidebar.warning[0].value
    assert app.session_state["_view"].data == "mnist-5k"


def test_all_solvers_use_the_readers_dictionary(open_page):
    B = atoms(64, 30)
    app = open_page(
        "compare",
        data="digits",
        dictionary="own",
        solvers=["ISTA"],
        lam="0.2",
        layout="one picture",
    )
    app.file_uploader(key="_dictionary_file").upload("mine.npy", saved(np.save, B.T)).run()
    clean(app)
    texts = " ".join(caption.value for caption in app.sidebar.caption)
    assert "30 atoms of 64 numbers" in texts and "transposed" in texts
    x, B = data.load("digits", "test").pixels[:1], torch.from_numpy(B)
    best = lasso.solve(x, B, 0.2, tol=1e-6).codes.float()
    assert f"<b>{phrases.objective(float(lasso.objective(x, best, B, 0.2)))}</b>" in html(app)
    for path in PAGES:
        turn_to(app, path)
        clean(app)


@pytest.mark.parametrize(
    ("B", "message"),
    [
        (atoms(64, 9) + np.nan, "must be finite"),
        (atoms(64, 9) * (np.arange(9) != 3), "atoms that are zero (columns 3)"),
        (atoms(50, 9), "must be (64, d_s)"),
        (atoms(64, 9)[0], "must hold a matrix"),
    ],
)
def test_a_bad_dictionary_is_named_below_its_menu(open_page, B, message):
    app = open_page("compare", data="digits", dictionary="own")
    app.file_uploader(key="_dictionary_file").upload("mine.npy", saved(np.save, B)).run()
    clean(app)
    assert message in app.sidebar.warning[0].value
    assert html(app).count("Exact optimum")


def test_another_reader_sees_none_of_it(brought, open_page):
    mine = brought("compare", saved(np.savez, x_train=GREY, x_test=GREY[:20]))
    second_app = open_page("compare", data="yours")
    assert (
        mine.session_state["_view"].data == "yours"
        and second_app.session_state["_view"].data == "mnist-5k"
    )


def test_a_dictionary_learned_here_is_used_and_is_the_sessions(open_page):
    app = until_learned(
        open_page("compare", data="digits", dictionary="learned", learn="25", learn_at="0.3")
    )
    clean(app)
    assert "of 25 atoms" in html(app) or app.session_state["_learned"][
        "digits"
    ].dictionary.shape == (64, 25)
    B = app.session_state["_learned"]["digits"].dictionary
    x = data.load("digits", "test").pixels[:16]
    best = lasso.objective(x, lasso.solve(x, B, 0.5, tol=1e-6).codes.float(), B, 0.5).mean()
    assert f"<b>{phrases.objective(float(best))}</b>" in html(app)
    assert "trained from another dictionary" in html(app)  # SLSTM says so


@pytest.mark.parametrize("name", data.GENERATED)
def test_known_atoms_open_with_their_true_dictionary(open_page, name):
    app = open_page("compare", data=name, lam="0.1", layout="one picture")
    truth = data.load(name, "test")
    x, B = truth.pixels[:1], truth.dictionary
    best = lasso.solve(x, B, 0.1, tol=1e-6).codes.float()
    assert f"<b>{phrases.objective(float(lasso.objective(x, best, B, 0.1)))}</b>" in html(app)
    for path in PAGES:
        turn_to(app, path)
        clean(app)


def test_the_servers_own_data_stand_in_the_menu(open_page, tmp_path, monkeypatch):
    (tmp_path / "stars.npz").write_bytes(saved(np.savez, x_train=GREY, x_test=GREY[:20]))
    (tmp_path / "digits.npz").write_bytes(saved(np.savez, x_train=GREY, x_test=GREY))
    (tmp_path / "broken.npz").write_bytes(b"only text")
    monkeypatch.setenv("SC2VIZ_DATA", str(tmp_path))
    app = until_learned(open_page("compare", data="stars", learn="16"))
    assert app.session_state["_view"].images.shape == (6, 5, 1)
    assert app.sidebar.selectbox(key="data").options.count("digits") == 1
    assert any("broken.npz: " in caption.value for caption in app.sidebar.caption)


def test_the_python_to_take_away_loads_the_readers_files(brought, tmp_path, monkeypatch, capsys):
    content = saved(np.savez, x_train=GREY, x_test=GREY[:20])
    app = brought("compare", content, solvers=["ISTA"])
    app.sidebar.selectbox(key="dictionary").set_value("own").run()
    app.file_uploader(key="_dictionary_file").upload(
        "mine.npy", saved(np.save, atoms(30, 12))
    ).run()
    clean(app)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.npz").write_bytes(content)
    (tmp_path / "mine.npy").write_bytes(saved(np.save, atoms(30, 12)))
    exec(app.code[0].value, {})  # noqa: S102
    reading = html(app).split("<figcaption><span>ISTA")[1].split("<dd>")[1].split("</dd>")[0]
    assert float(capsys.readouterr().out.split("F = ")[1].split(",")[0]) == pytest.approx(
        float(reading), rel=1e-3
    )


def test_rows_that_are_no_pictures_are_called_rows(brought):
    app = brought("welcome", saved(np.savez, x_train=ROWS, x_test=ROWS[:20]))
    assert app.title[0].value == "A row is a sum of atoms"
    assert app.sidebar.pills(key="_strip").label == "Row"
    texts = [element.value for element in app.markdown]
    reason = next(text for text in texts if "Missing is ‖x" in text)
    assert "picture" not in reason
    assert seen.board(app, "adder")["named"]["subject"] == "This row"


def test_psnr_of_rows_takes_their_range_as_the_peak(brought):
    app = brought(
        "compare",
        saved(np.savez, x_train=ROWS, x_test=ROWS[:20]),
        solvers=["ISTA"],
        layout="one picture",
        lam="0.3",
    )
    B = app.session_state["_learned"]["yours"].dictionary
    x = torch.from_numpy(ROWS[:1])
    reconstruction = (lasso.solve(x, B, 0.3, tol=1e-6).codes.float() @ B.T).numpy()
    psnr = peak_signal_noise_ratio(
        ROWS[:1], reconstruction, data_range=float(ROWS[:20].max() - ROWS[:20].min())
    )
    assert f"{psnr:.1f}\u00a0dB" in html(app).split("<span>Exact optimum")[1].split("</figure>")[0]
