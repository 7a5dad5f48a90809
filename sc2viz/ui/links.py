"""The view in the URL. Bound widgets write it; what a link asks for and cannot have is mended here, with a word.

Streamlit drops such values silently. So before the first widget is made, the address is set right and the page opened
anew: the widgets then find only what they can take.
"""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

Mend = Callable[[str], str | None]  # the text of a value → that of the nearest value there is, None where none is near


def mend(page, rules: Mapping[str, Mend]) -> None:
    """Open `page` anew where what the URL says under a key of `rules` is not to be had, and tell the reader then.

    Keys whose widgets exist already are left alone: Streamlit keeps those right.
    """
    said = st.session_state.pop("_mended", None)
    if said:
        st.toast(f"This link asks for what is not here. {said}.", icon=":material/link_off:", duration="long")
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    given, notes = dict(asked), []
    for key, rule in rules.items():
        if key in asked and key not in st.session_state:
            found = [(text, rule(text)) for text in asked[key]]
            given[key] = list(dict.fromkeys(value for _, value in found if value is not None))
            odd = [text[:40] or "nothing" for text, value in found if value is None or not _alike(text, value)]
            if odd:
                notes.append(f"{key} {', '.join(odd)}: showing {', '.join(given[key]) or 'the default'}")
    if given != asked:
        st.session_state["_mended"] = "; ".join(notes)
        st.switch_page(page, query_params={key: values for key, values in given.items() if values})


def nearest(options: Sequence[float]) -> Mend:
    """Mend a number: the option nearest to it, as the widget writes it."""

    def rule(text: str) -> str | None:
        try:
            asked = float(text)
        except ValueError:
            return None
        if asked != asked:
            return None
        asked = min(max(asked, min(options)), max(options))  # infinity is equally far from all
        return f"{min(options, key=lambda option: abs(option - asked)):g}"

    return rule


def one_of(options: Sequence[str]) -> Mend:
    """Mend a name: upper and lower case are the same."""
    return lambda text: next((option for option in options if option.lower() == text.strip().lower()), None)


def _alike(text: str, value: str) -> bool:
    try:
        return float(text) == float(value)
    except ValueError:
        return text.strip().lower() == value.lower()
