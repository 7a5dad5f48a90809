"""Names that readers bring, of files, arrays, networks, data sets, dictionaries and solvers, are never read as Markdown or
HTML on any page. One that was would have every viewer's browser call a foreign host."""

import ast
import re
import shlex
from collections.abc import Iterator

import numpy as np
import pytest
from pages.seen import told, turn_to
from PIL import Image
from safetensors.numpy import save
from saving import saved
from streamlit.testing.v1.element_tree import Block, Element

from sc2viz.pages.photograph import chosen_photo
from sc2viz.photographs import peers
from sc2viz.ui import own
from sc2viz.ui.app import TITLES

EVIL = "![evil](https:host)<img src=evil>"
MARKDOWN = re.compile(r"!\[evil|\[evil\]\(|https:host|(?<!\\)<img src=evil")
HTML = re.compile(r"<img src=evil")
WITHOUT_MARKDOWN = {
    "html",
    "bidi_component",
    "code",
    "plotly_chart",
    "imgs",
    "json",
    "arrow_data_frame",
    "iframe",
}
TEXT_ALONE = {
    "name",
    "id",
    "url",
    "icon",
    "placeholder",
    "formatted_value",
    "element_id",
    "form_id",
    "options",
    "raw_value",
    "query_param_key",
    "file_name",
    "data",
    "default",
    "set_value_string",
}
MARKED_OPTIONS = {
    "radio",
    "button_group",
    "tab",
}  # whose options are Markdown, not text as in a select box


def elements(node) -> Iterator:
    if isinstance(node, Block):
        yield node
        for child in node.children.values():
            yield from elements(child)
    elif isinstance(node, Element):
        yield node


def strings(message, kind: str) -> Iterator[tuple[str, str]]:
    """All strings of a protocol message that a browser would read as Markdown, with the names of their fields."""
    for field, value in message.ListFields():
        if field.name in TEXT_ALONE and not (field.name == "options" and kind in MARKED_OPTIONS):
            continue
        values = (
            [value] if not hasattr(value, "extend") and not hasattr(value, "add") else list(value)
        )
        for item in values:
            if isinstance(item, str):
                yield f"{kind}.{field.name}", item
            elif hasattr(item, "ListFields"):
                yield from strings(item, kind)


def live(app) -> list[tuple[str, str]]:
    """Where a hostile name would be rendered: the field, and its text."""
    occurrences = []  # each with its surroundings
    for element in elements(app._tree):
        kind = element.type
        proto = getattr(element, "proto", None)
        if proto is None:
            continue
        if kind == "html":
            occurrences += [("html", proto.body)] if HTML.search(proto.body) else []
        elif kind == "bidi_component":
            data = told(element)
            text = data.get("html", "") if isinstance(data, dict) else ""
            occurrences += (
                [("component", text)] if isinstance(text, str) and HTML.search(text) else []
            )
        elif kind not in WITHOUT_MARKDOWN:
            texts = ((name, text, MARKDOWN.search(text)) for name, text in strings(proto, kind))
            occurrences += [
                (name, text[max(0, hit.start() - 60) : hit.end() + 20])
                for name, text, hit in texts
                if hit
            ]
    return occurrences


def names_it(app) -> bool:
    return any(
        "evil" in text
        for element in elements(app._tree)
        if getattr(element, "proto", None) is not None
        for _, text in strings(element.proto, element.type)
    )


def png(side: int = 64) -> bytes:
    return saved(
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)).save,
        "PNG",
    )


def rows(n: int = 40) -> np.ndarray:
    return np.random.default_rng(0).random((n, 8, 8), np.float32)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Photograph's own pictures are as small as in test_photograph.py, whose results one server keeps beside these."""
    full_picture = peers.picture
    monkeypatch.setattr(peers, "picture", lambda name, colour=False: full_picture(name, 64, colour))
    chosen_photo._test_picture.clear()
    yield
    chosen_photo._test_picture.clear()


TOUR = f"""title = '{EVIL}'
[[step]]
view = "lambda?data=digits"
say = '{EVIL}'
ask = '{EVIL}'
choices = ['{EVIL}', 'few {EVIL}']
at = [100, 10]
truth = "atoms"
[[step]]
view = "lambda?data=digits"
say = '{EVIL}'
ask = '{EVIL}'
high = 100
step = 1
unit = '{EVIL}'
truth = "atoms"
"""


@pytest.mark.parametrize("step", ["1", "2"])
def test_of_a_tour(open_page, monkeypatch, tmp_path, step):
    """Its words, and the choices and the unit of its questions, before and after an answer."""
    (tmp_path / "mine.toml").write_text(TOUR)
    monkeypatch.setenv("SC2VIZ_TOURS", str(tmp_path))
    app = open_page("lambda", data="digits", tour="mine", step=step)
    assert names_it(app) and live(app) == []
    app.button(key="tour-next").click().run()  # which shows the answer
    assert any("told" in element.proto.body for element in app.get("html"))
    assert names_it(app) and live(app) == []


def signals(path: str) -> dict[str, str]:
    """Signals that are quickly computed, for the page that shows them."""
    return {"ds": "100", "dx": "50", "k": "5"} if path == "codes" else {}


@pytest.mark.everyday("compare", "photograph", "dictionary", "autoencoders")
@pytest.mark.parametrize("path", TITLES)
def test_of_files_that_a_reader_brings(open_page, path):
    app = open_page(
        path,
        data="yours",
        learn="16",
        dictionary="own",
        T="3",
        photo="yours",
        patch_dictionary="own",
        do="denoise",
        **signals(path),
    )
    for key, name, content in (
        ("_data_file", f"{EVIL}.npz", saved(np.savez, x_train=rows(), x_test=rows())),
        ("_dictionary_file", f"{EVIL}.npz", saved(np.savez, B=np.eye(64, dtype=np.float32))),
        (
            "_dictionary_file",
            f"{EVIL}.npz",
            saved(np.savez, **{EVIL.replace("/", ""): np.eye(64), "other": np.eye(64)}),
        ),
        ("_photograph_file", f"{EVIL}.png", png()),
        ("_photograph_file", f"{EVIL}.png", b"no picture"),
        ("_upload", f"{EVIL}.png", png()),
        ("_upload", f"{EVIL}.png", b"no picture"),
        ("_data_file", f"{EVIL}.npz", b"no array"),
        ("_network_file", f"{EVIL}.safetensors", b"no network"),
        ("_network_file", f"{EVIL}.safetensors", save({EVIL: np.eye(3, dtype=np.float32)})),
    ):
        if any(uploader.key == key for uploader in app.get("file_uploader")):
            app.file_uploader(key=key).upload(name, content).run()
            assert live(app) == [] and not app.exception, (key, content[:10])
            assert names_it(app) or key == "_upload", key
    turn_to(app, path)
    assert live(app) == []


@pytest.mark.parametrize("path", TITLES)
def test_of_links(open_page, path):
    queries = (
        "data",
        "lam",
        "picture",
        "solvers",
        "T",
        "dictionary",
        "photo",
        "trainee",
        "atom",
        "beside",
        "front",
    )
    assert live(open_page(path, **dict.fromkeys(queries, EVIL), **signals(path))) == []


def test_this_test_sees_what_it_is_for(open_page, monkeypatch):
    monkeypatch.setattr(own.data, "plain", lambda text, most=0: text)
    app = open_page("compare", data="yours")
    app.file_uploader(key="_data_file").upload(
        f"{EVIL}.npz", saved(np.savez, x_train=rows(), x_test=rows())
    ).run()
    ((kind, text),) = live(app)
    assert kind == "caption.body" and text.startswith("**![evil](https:host)")


SHELL = """-a"; touch x; '$(touch x) `touch x` 'b"""


@pytest.mark.parametrize("do", ["denoise", "inpaint", "approximate"])
def test_what_is_taken_away_has_a_name_as_a_literal_and_as_one_word_of_the_shell(open_page, do):
    app = open_page(
        "photograph", photo="yours", do=do, already="true", patch_dictionary="own", solvers=["ISTA"]
    )
    app.file_uploader(key="_photograph_file").upload(f"{SHELL}.png", png()).run()
    app.file_uploader(key="_dictionary_file").upload(
        f"{SHELL}.npz", saved(np.savez, B=np.eye(64, dtype=np.float32))
    ).run()
    python, lines = (
        [code.value for code in app.code if code.language == language]
        for language in ("python", "sh")
    )
    called = [node for node in ast.walk(ast.parse(python[0])) if isinstance(node, ast.Constant)]
    assert f"{SHELL}.npz" in [node.value for node in called]  # the dictionary's at least
    for line in lines[0].splitlines():
        arguments = shlex.split(line)
        operators = list(shlex.shlex(line, posix=True, punctuation_chars=True))
        assert not {";", "&", "|", "(", ")", "<", ">"} & set(operators) and arguments[:2] == [
            "sc2viz",
            do,
        ]
        assert arguments[arguments.index("--dictionary") + 1] == f"./{SHELL}.npz"
        if do != "inpaint":  # which reads what the page gives away
            assert arguments[2] == f"./{SHELL}.png"
