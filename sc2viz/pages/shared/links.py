"""The view in the URL: bound widgets write it; here, what a link asks for is mended before they read it, with a word."""

from collections.abc import Callable, Sequence

import streamlit as st


def tidy(key: str, mend: Callable[[str], str | None], label: str) -> None:
    """Before the widget `key` is made: put the nearest value that exists in the place of what the URL asks for.

    `mend(text)` gives the text of the value to take, or None where nothing is near: it then is left out, and with
    none left the widget keeps its default. Streamlit itself drops what it cannot use without a word; `tell` says it.
    """
    if key in st.session_state or key not in st.query_params:
        return
    asked = st.query_params.get_all(key)
    mended = [mend(text) for text in asked]
    taken = list(dict.fromkeys(text for text in mended if text is not None))
    if taken == asked:
        return
    for text, instead in zip(asked, mended, strict=True):
        if instead is None or instead.lower() != text.strip().lower():
            said = f"{label} {text[:40] or 'nothing'} ({'left out' if instead is None else f'now {instead}'})"
            st.session_state.setdefault("_odd", []).append(said)
    if taken:
        st.query_params[key] = taken
    else:
        del st.query_params[key]


def tell() -> None:
    """Say once what of a link could not be had; app.py calls it after the page."""
    odd = st.session_state.pop("_odd", [])
    if odd:
        st.toast(f"This link asks for what is not here: {', '.join(odd)}.", icon=":material/link_off:", duration="long")


def nearest(options: Sequence[float]) -> Callable[[str], str | None]:
    """Mend a number: the option nearest to it."""

    def mend(text: str) -> str | None:
        try:
            asked = float(text)
        except ValueError:
            return None
        return None if asked != asked else f"{min(options, key=lambda option: abs(option - asked)):g}"

    return mend


def one_of(options: Sequence[str]) -> Callable[[str], str | None]:
    """Mend a name: upper and lower case are the same."""
    return lambda text: next((option for option in options if option.lower() == text.strip().lower()), None)
