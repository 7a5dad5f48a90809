"""The keys of a reader's session: all of them, but those of widgets, stand in `ui/session.py`."""

import ast
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState

from sc2viz.ui import session

PACKAGE = Path(session.__file__).parents[1]
FILES = [
    path
    for room in ("ui", "pages")
    for path in sorted((PACKAGE / room).rglob("*.py"))
    if path.name != "session.py"
]


def raw_keys(source: str) -> list[str]:
    """Lines that use a key of the session which begins with "_" and which is not that of a widget drawn in the same file."""
    tree = ast.parse(source)
    texts = {
        ast.unparse(node.targets[0]): node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    keywords = [
        node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "key"
    ]
    widgets = {node.value.value for node in keywords if isinstance(node.value, ast.Constant)}

    def names(node) -> list[str]:
        if isinstance(node, ast.JoinedStr):
            return names(node.values[0])
        text = texts.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        return (
            [text] if isinstance(text, str) and text.startswith("_") and text not in widgets else []
        )

    aliases = {"st.session_state", "session.session_state"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target, value in zip(
                *[
                    each.elts if isinstance(each, ast.Tuple) else [each]
                    for each in (node.targets[0], node.value)
                ],
                strict=False,
            ):
                if ast.unparse(value) in aliases:
                    aliases.add(ast.unparse(target))
    found = []
    for node in ast.walk(tree):
        said: list = []
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) in aliases:
            said = [node.slice]
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[-1]) in aliases:
            said = [node.left]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) in aliases
        ):
            keys = [key for arg in node.args if isinstance(arg, ast.Dict) for key in arg.keys]
            said = [
                *node.args[:1],
                *keys,
                *(ast.Constant(each.arg) for each in node.keywords if each.arg),
            ]
        found += [f"{node.lineno}: {name}" for each in said for name in names(each)]
    return found


def test_no_other_file_names_a_key_of_the_session():
    found = {str(path.relative_to(PACKAGE)): raw_keys(path.read_text("utf-8")) for path in FILES}
    assert len(found) > 80 and not {path: lines for path, lines in found.items() if lines}


@pytest.mark.parametrize(
    "source",
    [
        'st.session_state["_t"] = 1',
        'st.session_state.get("_t")',
        'st.session_state.pop("_t", None)',
        '"_t" in st.session_state',
        "st.session_state.update(_t=1)",
        'st.session_state.update({"_t": 1})',
        '_KEY = "_t"\nst.session_state[_KEY]',
        'state = st.session_state\nstate["_t"]',
        'state, x = st.session_state, 1\nstate.setdefault("_t", x)',
        'st.session_state[f"_{key}_opens"]',
    ],
)
def test_the_search_finds_what_it_is_to_find(source):
    assert raw_keys(source)


def test_the_search_leaves_widgets_and_rows_of_the_url_alone():
    assert not raw_keys(
        'st.file_uploader("x", key="_file")\nst.session_state["_file"]\nst.session_state["lam"] = 1'
    )


def test_each_name_stands_once():
    names = [key.name for key in vars(session).values() if isinstance(key, session.Key)]
    assert (
        len(names) > 30
        and len(set(names)) == len(names)
        and all(name.startswith("_") for name in names)
    )


def test_a_key_opens_holds_and_lets_go(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    key = session.Key("_number", 7)
    assert key.get() == 7 and not st.session_state
    key.set(8)
    assert key.get() == 8 == key.pop() and key.get() == 7
    assert key.kept(lambda: 9) == 9 == key.kept(
        lambda: pytest.fail("it is kept")
    ) and st.session_state == {"_number": 9}


def test_the_values_of_a_session_are_those_that_streamlit_lists(monkeypatch):
    """Streamlit's widgets read one key of what it would list as a whole; the fields of our pages depend on it."""
    state = SessionState()
    state["a"], state["b"] = 1, None
    state._new_widget_state.set_from_value("$$ID-0123-None", "without a key")
    asked = []
    safe = SafeSessionState(state, lambda: asked.append(1))
    seen = safe.filtered_state
    assert dict(seen) == state.filtered_state == {"a": 1, "b": None} and len(seen) == 2
    monkeypatch.setattr(
        SessionState,
        "filtered_state",
        property(lambda self: pytest.fail("all keys are read for one")),
    )
    assert (
        "b" in safe.filtered_state
        and safe.filtered_state["b"] is None
        and "c" not in safe.filtered_state
    )
