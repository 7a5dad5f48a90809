"""Text from elsewhere stays text, in Markdown and in Python."""

import ast
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc2viz.ui import untrusted

HOSTILE = [
    "![](http://evil.example/p.png)",
    "[click](https://evil.example)",
    "see https://evil.example",
    "www.evil.example",
    "mail a@evil.example",
    "**bold** _it_ `code` $x$ ~~gone~~ <b>html</b>",
    ":red[alarm] :material/bomb: :smile:",
    "# heading",
    "- item",
    "1. item",
    "a\n\n# heading\n> quote",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_of_others_is_shown_and_not_rendered(text):
    plain = untrusted.plain(text)
    visible = plain.replace("\u2060", "").replace("\\", "")
    assert visible == " ".join(
        text.split()
    )  # nothing but backslashes and characters without width is added
    for live in ("](", "![", "://", "www.e", "a@e", ":red", ":material", ":smile", "\n"):
        assert live not in plain
    for mark in "*`$~<":
        assert all(plain[i - 1] == "\\" for i, letter in enumerate(plain) if letter == mark)
    assert not plain.startswith(("#", "-", "1", ">"))


def test_ordinary_messages_stay_as_they_are():
    for text in (
        "x_train in mine.npz must lie in [0, 1], got [-0.5, 2]: scale it",
        "λ = 0.1 (n, d_x), T ≥ 1; 20 % of it",
    ):
        assert untrusted.plain(text) == text


def test_long_text_is_cut():
    assert len(untrusted.plain("x" * 3_000_000)) == untrusted.LONGEST
    assert untrusted.plain("y" * 100, untrusted.NAMED).endswith("…")


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.just('a", "train"); import os; os.remove("x')
)
def test_a_name_is_one_literal_of_python(text):
    assert ast.literal_eval(untrusted.literal(text)) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_holds_nothing_that_markdown_or_html_reads(text):
    label = untrusted.as_label(text)
    assert (
        not set(label) & set("![]<>`$*~@:#>\\\n")
        and "www." not in label
        and untrusted.plain(f"a {label}") == f"a {label}"
    )
    for ordinary in ("slstm-seed_1", "SLSTM (λ = 0.1, 100 atoms)", "Größe 2"):
        assert untrusted.as_label(ordinary) == ordinary


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
    | st.sampled_from(
        ["$(id)", "a'b", "-rf", "a;b", "`id`", """a"; echo x; '$(echo x) `echo x` 'b"""]
    )
)
def test_a_name_is_one_word_of_the_shell(text):
    (word,) = shlex.split(untrusted.shell(text))
    assert word.removeprefix("./") == text.removeprefix("./") and not word.startswith("-")
