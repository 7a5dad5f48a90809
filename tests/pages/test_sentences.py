"""The sentences of pages at settings at which a number is 1, a picture blank, or a solver alone: no explanation that the
numbers beside it contradict."""

import re

import numpy as np
import pytest
from pages.seen import told, turn_to
from saving import saved

from sc2viz import data, published, words
from sc2viz.browser import readings
from sc2viz.ui.tours.truths import codes
from sc2viz.words import templates


def strings(value):
    """All strings in what a component was given, without its arrays."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("parcels", "packed", "html"):
                yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


CONTROLS = "button", "toggle", "selectbox", "button_group", "number_input", "expander"
# What no page says: a hyphen for a minus, and what is no number
WRONG = re.compile(r"(?<![\w.,·)\]–-])-\d|\bnan\b|\bNone\b")


def texts(app) -> list[str]:
    """What a page says: sentences, notes, headings, charts, controls and what moves in the browser says at its stops."""
    kinds = app.markdown, app.caption, app.header, app.subheader, app.title, app.warning, app.info
    sentences = [element.value for kind in kinds for element in kind]
    sentences += [chart.proto.alt for chart in app.get("plotly_chart")]
    controls = [control.proto for kind in CONTROLS for control in app.get(kind)]
    sentences += [
        text for widget in controls for text in (widget.label, getattr(widget, "help", ""))
    ]
    sentences += [
        element.proto.body for element in app.get("html") if "<style" not in element.proto.body
    ]
    return sentences + [
        text for element in app.get("bidi_component") for text in strings(told(element))
    ]


@pytest.mark.parametrize("noun", words.NOUNS)
def test_pages_open_where_everything_is_one(open_page, noun):
    """T = 1, a dictionary of one atom, and a blank picture beside others; or a row, which no page calls a picture."""
    x = data.load("digits", "test").pixels[:4].numpy()
    rows = np.concatenate([np.zeros((1, 64), np.float32), x])
    rows = rows.reshape(-1, 8, 8) if noun == "picture" else rows
    app = open_page("compare", data="yours", dictionary="own", T="1", lam="0.1")
    app.file_uploader(key="_data_file").upload(
        "mine.npz", saved(np.savez, x_train=rows[1:], x_test=rows)
    ).run()
    app.file_uploader(key="_dictionary_file").upload("one.npy", saved(np.save, x[1][:, None])).run()
    texts_by_page = {"compare": texts(app)}
    for path in ("welcome", "step", "lambda", "gates", "activations", "dictionary"):
        turn_to(app, path)
        texts_by_page[path] = texts(app)
        assert not app.exception and not app.error
        plain = {re.sub(r"<[^>]*>", " ", text) for text in texts_by_page[path]}
        assert {text for text in plain if WRONG.search(text)} == set()
        if noun == "row" and path != "welcome":  # which says how pictures are coded
            assert {text for text in plain if re.search(r" pictures?\b|Pictures?\b", text)} == set()
    compare = " ".join(texts_by_page["compare"]).replace("\u00a0", " ")
    assert "∞ dB" not in compare  # a mean beside a blank picture
    assert f"The mean PSNR leaves out what is blank and has no error: 1 {noun}." in compare
    assert any(re.search(r"in use in 0\sof\s1\siteration", text) for text in texts_by_page["gates"])
    assert not any(
        "most negative" in text for text in texts_by_page["activations"]
    )  # which would be 0


def test_one_iteration_is_told_as_it_is(open_page):
    chosen = ["ISTA", "FISTA", "SLSTM"]
    app = open_page("gates", data="mnist-5k", T="1", lam="0.1", solvers=chosen, more="true")
    total, last = re.search(
        r"is c = (\S+), .* candidate gives (\S+)\.", " ".join(texts(app))
    ).groups()
    assert total == last
    turn_to(app, "step")
    assert not app.exception


def test_a_published_figure_names_who_published_it():
    sources = [source for source, _, _ in published.read("recovery")["others"]]
    assert sources and all(re.search(r"github\.com/|et al\.", source) for source in sources)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.156, "0.156"),
        (1.88e-7, "0"),
        (65.64, "65.6"),
        (-1e-9, "0"),
        (1_250_000.4, "1,250,000"),
        (999.7, "1,000"),
    ],
)
def test_a_figure_is_told_in_digits(value, text):
    assert words.digits(value) == text


def test_a_number_below_zero_has_a_minus():
    assert words.localized("-1,234.5") == "−1,234.5" and readings.number(-1.2) == "−1.200"
    assert words._("f = {f:.2f}", f=-0.5) == "f = −0.50"
    assert words._("{a:g} and {b:.2f}", a=-0.0, b=-0.001) == "0 and 0.00"
    assert words.localized("-0.00 dB, -0.05, -∞") == "0.00 dB, −0.05, −∞"
    assert readings.times(-50) == "−50 times"
    with words.speaking("de"):
        assert words._("f = {f:.2f}", f=-0.5) == "f = −0,50"


def test_counts_have_their_plural():
    assert [words.count(n, "patch", "patches") for n in (0, 1, 2)] == [
        "0 patches",
        "1 patch",
        "2 patches",
    ]
    assert words.count(1234, "step") == "1,234 steps"


@pytest.mark.parametrize("n", [0, 1, 2])
def test_weights_in_answers_are_counted(n):
    blocks = {
        "atoms": {"answer": n, "missing_share": 1.0},
        "zeros_of_l2": {"zeros": n, "zeros_of_l2": 0, "smallest": "0.003"},
        "zeros_of_double_tanh": {"zeros": n, "zeros_of_double_tanh": 0},
    }
    setting = {"setting": "Picture 3, λ = 0.1", "total": 100}
    sentences = [
        templates.render_sentence(codes.__file__, block, **setting, **numbers)
        for block, numbers in blocks.items()
    ]
    verb, weights = ("is", "weight") if n == 1 else ("are", "weights")
    assert f" {n} of 100 weights {verb} not zero." in sentences[0]
    assert (
        f" {n} of 100 weights {verb} exactly zero with ℓ1, and 0 with ℓ2. The smallest weight with ℓ2"
        in sentences[1]
    )
    assert f" {n} {weights} {verb} exactly zero with shrinkage" in sentences[2]
    assert words.count_rows(n, "row", tests=True) == f"{n} test row" + "s" * (n != 1)
