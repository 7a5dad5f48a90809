"""The sentences of pages at settings at which a number is 1, a picture blank, or a solver alone: no explanation that the
numbers beside it contradict."""

import re

import numpy as np
import pytest
from pages.seen import told, turn_to
from saving import saved

from sc2viz import data, published, words
from sc2viz.browser import readings
from sc2viz.pages.cell import gates
from sc2viz.ui.tours.truths import codes


def strings(value):
    """All strings in what a component was given, without its arrays."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in ("parcels", "packed", "html"):
                yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


CONTROLS = "button", "toggle", "selectbox", "button_group", "number_input", "expander"
# What no page says: a hyphen for a minus, and what is no number
WRONG = re.compile(r"(?<![\w.,·)\]–-])-\d|\bnan\b|\bNone\b")


def texts(app) -> list[str]:
    """What a page says: sentences, notes, headings, charts, controls and what moves in the browser says at its stops."""
    kinds = app.markdown, app.caption, app.header, app.subheader, app.title, app.warning, app.info
    said = [element.value for kind in kinds for element in kind]
    said += [chart.proto.alt for chart in app.get("plotly_chart")]
    controls = [control.proto for kind in CONTROLS for control in app.get(kind)]
    said += [text for each in controls for text in (each.label, getattr(each, "help", ""))]
    said += [
        element.proto.body for element in app.get("html") if "<style" not in element.proto.body
    ]
    return said + [text for element in app.get("bidi_component") for text in strings(told(element))]


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
    said = {"compare": texts(app)}
    for path in ("welcome", "step", "lambda", "gates", "activations", "dictionary"):
        turn_to(app, path)
        said[path] = texts(app)
        assert not app.exception and not app.error
        plain = {re.sub(r"<[^>]*>", " ", text) for text in said[path]}
        assert {text for text in plain if WRONG.search(text)} == set()
        if noun == "row" and path != "welcome":  # which says how pictures are coded
            assert {text for text in plain if re.search(r" pictures?\b|Pictures?\b", text)} == set()
    compare = " ".join(said["compare"]).replace("\u00a0", " ")
    assert "∞ dB" not in compare  # a mean beside a blank picture
    blank = {"picture": "1 picture is blank", "row": "1 row is zero"}[noun]
    assert f"{blank} and has no error: the mean PSNR is that of the others." in compare
    assert any("never in use here" in text for text in said["gates"])
    assert not any("most negative" in text for text in said["activations"])  # which would be 0


def test_one_iteration_is_told_as_it_is(open_page):
    chosen = ["ISTA", "FISTA", "SLSTM"]
    app = open_page("gates", data="mnist-5k", T="1", lam="0.1", solvers=chosen, more="true")
    assert "The last candidate makes up 100\u00a0% of the sum" in " ".join(texts(app))
    turn_to(app, "step")
    assert not app.exception


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            [0.1, -0.3],
            "c = −0.200. The last candidate makes up 75 % of the sum of their magnitudes.",
        ),
        ([0.0, 0.0], "The memory is zero, because no candidate has entered it."),
    ],
)
def test_a_memory_is_the_sum_of_its_bars(parts, said):
    assert gates.describe_memory(np.array(parts)).replace("\u00a0", " ").endswith(said)


def test_a_published_figure_names_who_published_it():
    sources = [source for source, _, _ in published.read("recovery")["others"]]
    assert sources and all(re.search(r"github\.com/|et al\.", source) for source in sources)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.156, "0.156"),
        (1.88e-7, "0"),
        (65.64, "65.6"),
        (-1e-9, "0"),
        (1_250_000.4, "1,250,000"),
        (999.7, "1,000"),
    ],
)
def test_a_figure_is_told_in_digits(value, said):
    assert words.digits(value) == said


def test_a_number_below_zero_has_a_minus():
    assert words.localized("-1,234.5") == "−1,234.5" and readings.number(-1.2) == "−1.200"
    assert words._("f = {f:.2f}", f=-0.5) == "f = −0.50"
    assert words._("{a:g} and {b:.2f}", a=-0.0, b=-0.001) == "0 and 0.00"
    assert words.localized("-0.00 dB, -0.05, -∞") == "0.00 dB, −0.05, −∞"
    assert readings.times(-50) == "−50 times"
    with words.speaking("de"):
        assert words._("f = {f:.2f}", f=-0.5) == "f = −0,50"


def test_counts_have_their_plural():
    assert [words.count(many, "patch", "patches") for many in (0, 1, 2)] == [
        "0 patches",
        "1 patch",
        "2 patches",
    ]
    assert words.count(1234, "step") == "1,234 steps"


@pytest.mark.parametrize("n", [0, 1, 2])
def test_weights_in_answers_are_counted(n):
    given = {"where": "Picture 3, λ = 0.1", "all": 100, "here": 0}
    said = [
        codes.said("atoms", used=n, left=1.0, part="", **given),
        codes.said("zeros_of_l2", zeros=n, least="0.003", **given),
        codes.said("zeros_of_double_tanh", zeros=n, **given),
    ]
    verb, weights = ("is", "weight") if n == 1 else ("are", "weights")
    assert f" {n} of 100 weights {verb} not zero." in said[0]
    assert (
        f" {n} of 100 weights {verb} exactly zero with ℓ1, and 0 with ℓ2. The smallest weight with ℓ2"
        in said[1]
    )
    assert f" {n} {weights} {verb} exactly zero with shrinkage" in said[2]
    assert words.count_rows(n, "row", tests=True) == f"{n} test row" + "s" * (n != 1)
