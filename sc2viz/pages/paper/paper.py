"""The paper, checked: whether its claims hold, and its tables and figures next to our measurements.

leads     the sentence and the rows of SLSTM's leads
tables    Tables 1 and 2, and the runs behind a number of them
figures   the dots, and Figures 4 to 7
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from sc2viz import words
from sc2viz.pages.paper import figures, leads, tables
from sc2viz.pages.paper.texts import TEXTS, text
from sc2viz.published import accuracies, printed
from sc2viz.published.accuracies import Claims
from sc2viz.published.printed import METHODS
from sc2viz.published.sentences import (
    describe_criterion,
    describe_tests,
    format_table,
    tabulate_differences,
)
from sc2viz.ui import page
from sc2viz.ui.widgets import component
from sc2viz.words import _

_open_section = component(Path(__file__).with_name("open_section.js"))


def draw_page() -> None:
    claims = accuracies.load()
    st.html(Path(__file__).with_name("paper.css"))
    with st.sidebar.container(key="contents"):
        st.markdown(_("**On this page**"))
        links = (f"- [{_(title)}](#{anchor})" for anchor, title in TEXTS["contents"].items())
        st.markdown("\n".join(links))
        _open_section(key="open-section", data=None)
    tools = page.head(_("The paper, checked"), anchor="claim")
    page.caption(leads.describe_claim(claims), leads.explain_claim(claims))
    with st.container(key="answer"):
        st.html(figures.draw_dots(claims, words.language()))
    st.caption(text("dots"))
    st.markdown(text("names"))
    # A link that chooses what Figures 4 and 5 show opens More, where they stand.
    if place := page.details("hundred" in st.query_params):
        with place:
            _draw_more(claims)
    with tools:
        file = page.csv("sc2viz-paper-checked", lambda: _list_runs(claims))
        page.explained(None, [file], __file__)


def _draw_more(claims: Claims) -> None:
    dark = st.context.theme.type == "dark"
    with _section("leads"):
        st.html(leads.draw_leads(claims))
        st.markdown(f"{text('question')} {describe_criterion(claims.published)}")
        st.markdown(tabulate_differences())
    for name in printed.TABLES:
        with _section(name):
            tables.draw_table(claims, name, dark)
    with _section("figures-4-5"):
        figures.draw_hundreds(claims)
    with _section("figure-6"):
        figures.draw_convergence(claims, dark)
    with _section("figure-7"):
        figures.draw_by_lambda(claims, dark)
    with _section("sizes"):
        figures.draw_by_size(claims, dark)
    with _section("how"):
        facts = {"code": printed.CODE, "tests": describe_tests(claims.published)}
        points = (_(" ".join(point.split()), **facts) for point in TEXTS["how"])
        st.markdown("\n".join(f"- {point}" for point in points))
        st.markdown(tables.tabulate_tunings(claims))
    with _section("slips"):
        rows = [[_(" ".join(text.split())) for text in slip.values()] for slip in printed.SLIPS]
        st.markdown(format_table([_("Where"), _("Printed"), _("Used here")], rows))


@contextmanager
def _section(anchor: str) -> Iterator[None]:
    with st.container(key=anchor):
        st.header(_(TEXTS["contents"][anchor]), anchor=anchor)
        yield


def _list_runs(claims: Claims) -> str:
    head = "run data protocol setting method atoms seed accuracy head objective excess_percent"
    rows = []
    for name, metrics in claims.published["runs"].items():
        data, protocol, _experiment, setting, method, atoms, seed = name.split("_")
        numbers = (metrics.get(key, "") for key in ("accuracy", "head", "objective", "excess"))
        rows.append([name, data, protocol, setting, METHODS[method].label, atoms, seed, *numbers])
    return page.table(head.split(), rows)


draw_page()
