"""The paper, checked: its tables and figures next to our measurements, and whether its claims hold."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from sc2viz.pages.paper import answer, describe_paper, details, figures, sizes, table
from sc2viz.published import accuracies, printed
from sc2viz.published.accuracies import Claims
from sc2viz.published.printed import LAMBDA, METHODS
from sc2viz.published.sentences import format_table, tabulate_differences
from sc2viz.ui import page, phrases, url
from sc2viz.ui.handed_out import python
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _

CONTENTS = describe_paper.TEXTS["contents"]
_unfold = component(Path(__file__).with_name("unfold.js"))


def paper_page() -> None:
    claims, dark = accuracies.load(), st.context.theme.type == "dark"
    st.html(Path(__file__).with_name("paper.css"))
    with st.sidebar.container(key="contents"):
        st.markdown(_("**On this page**"))
        st.markdown("\n".join(f"- [{_(title)}](#{anchor})" for anchor, title in CONTENTS.items()))
        _unfold(key="unfold", data=None)
    tools = page.head(_("The paper, checked"), anchor="claim")
    page.caption(*figures.main_claim(claims))
    with st.container(key="answer"):
        st.html(answer.html(claims))
        st.html(figures.dotted(claims))
    st.caption(describe_paper.text("dots"))
    st.markdown(f"{describe_paper.text('names')} {figures.our_cell(claims)}")
    with st.expander(
        _(
            "What “fair” and “as printed” mean, how our cell differs from Eq. (8), and when a lead counts"
        )
    ):
        st.markdown(f"{describe_paper.text('question')} {figures.criterion(claims)}")
        st.markdown(tabulate_differences())
    for name, said in (("table1", figures.table1), ("table2", figures.table2)):
        _table(claims, name, said, dark)
    _figures(claims, dark)
    with _folded("how"):
        given = {
            "sources": describe_paper.sources(),
            "code": printed.CODE,
            "tests": figures.note(claims),
        }
        st.markdown(
            "\n".join(
                f"- {_(' '.join(text.split()), **given)}" for text in describe_paper.TEXTS["how"]
            )
        )
        if tuned := describe_paper.tuning(claims.published):
            st.markdown(describe_paper.text("tuned", tuned=tuned))
    with _folded("slips"):
        rows = [[_(" ".join(text.split())) for text in slip] for slip in printed.SLIPS]
        st.markdown(format_table([_("Where"), _("Printed"), _("Used here")], rows))
    with tools:
        page.explained(
            None,
            [page.csv("sc2viz-paper-checked", lambda: _csv(claims.published.get("runs", {})))],
            python(__file__),
        )


def _table(claims: Claims, name: str, said, dark: bool) -> None:
    st.header(_(CONTENTS[name]), anchor=name)
    clicked = table.results_table(claims, name)
    st.caption(
        " ".join(
            [
                _(
                    "Accuracy in %, mean ± standard deviation over {seeds}, and the difference from the printed number in "
                    "points.",
                    seeds=table.seeds(claims, name),
                ),
                f"{table.legend()}.",
                _("Click a number to open the runs behind it."),
                _made_by(name),
                _(
                    "Networks as large as SLSTM: `python -m sc2viz reproduce equal --data mnist`, and with `--data cifar10`."
                ),
            ]
        )
    )
    for data, setting in describe_paper.COMPARISONS:
        if paragraph := said(claims, data, setting):
            st.markdown(phrases.bound(paragraph))
    if clicked and clicked.values:
        details.show_runs(claims, clicked, dark)


@contextmanager
def _folded(anchor: str) -> Iterator[None]:
    """Draw a section that is closed at first. A link to it opens it."""
    with st.container(key=f"fold-{anchor}"):
        st.header(_(CONTENTS[anchor]), anchor=anchor)
        with st.expander(_("Show"), type="compact"):
            yield


def _figures(claims: Claims, dark: bool) -> None:
    with _folded("figures-4-5"):
        errors = url.widget("hundred") == "errors"
        for data in printed.DATA:
            given = {"data": printed.NAMES[data], "lam": LAMBDA}
            of = (
                N_("**{data}**, training pictures 0–99, raw pixels, λ = {lam}, fair")
                if data == "cifar10"
                else N_("**{data}**, training pictures 0–99, λ = {lam}, fair")
            )
            st.markdown(_(of, **given))
            figures.hundred(claims, data, errors)
        st.caption(
            _(
                "Made by `python -m sc2viz reproduce figure4` and `python -m sc2viz reproduce figure5`."
            )
        )
    with _folded("figure-6"):
        st.caption(_made_by("figure6"))
        for data in printed.DATA:
            _beside(figures.convergence(claims, data, dark), _("Figure 6"))
    with _folded("figure-7"):
        st.caption(_made_by("figure7", protocols=False))
        for data in printed.DATA:
            name = printed.NAMES[data]
            st.markdown(_("**{data}**, fair", data=name))
            legend, drawn, said = figures.by_lambda(claims, data, dark)
            if drawn:
                st.html(legend)
                _beside(drawn, _("Figure 7, {data}", data=name))
            st.markdown(phrases.bound(said))
    with _folded("sizes"):
        st.markdown(phrases.bound(sizes.about(claims)))
        st.caption(_made_by("sizes", protocols=False))
        for data in printed.DATA:
            _beside(sizes.by_size(claims, data, dark), _(CONTENTS["sizes"]))


def _made_by(what: str, protocols: bool = True) -> str:
    """The commands that make the numbers of a section."""
    made = f"`python -m sc2viz reproduce {what} --data mnist`"
    if protocols:
        return _(
            "Made by {command}, also with `--data cifar10` and `--protocol as-printed`. The runs behind a number say "
            "how to get the data.",
            command=made,
        )
    how = N_(
        "Made by {command}, also with `--data cifar10`. The runs behind a number say how to get the data."
    )
    return _(how, command=made)


def _beside(drawn: list[figures.Drawn], part: str) -> None:
    """Draw charts of a part of the paper beside each other, each with its words."""
    for column, one in zip(st.columns(len(drawn), gap="large"), drawn, strict=True):
        with column:
            figures.show(one, part)


def _csv(runs: Mapping[str, Any]) -> str:
    head = (
        "run",
        "data",
        "protocol",
        "setting",
        "method",
        "atoms",
        "seed",
        "accuracy",
        "head",
        "objective",
        "excess_percent",
    )
    rows = []
    for name, metrics in runs.items():
        data, protocol, _experiment, setting, method, atoms, seed = name.split("_")
        numbers = [metrics.get(key, "") for key in head[7:-1]] + [metrics.get("excess", "")]
        rows.append([name, data, protocol, setting, METHODS[method].label, atoms, seed, *numbers])
    return page.table(head, rows)


paper_page()
