"""The paper, checked: its tables and figures next to our measurements, and whether its claims hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from sc2viz.experiments import printed
from sc2viz.experiments.protocols import METHODS
from sc2viz.pages.paper import answer, describe_paper, details, figures, sizes, table
from sc2viz.pages.paper.describe_paper import Claims
from sc2viz.reports import readme, tables
from sc2viz.ui import page, phrases, url
from sc2viz.ui.widgets import component

CONTENTS = {  # the sections' titles by anchor
    "claim": "The main claim",
    "table1": "Table 1: all solvers",
    "table2": "Table 2: training with Eq. (10)",
    "figures-4-5": "Figures 4 and 5: a hundred pictures",
    "figure-6": "Figure 6: loss against epochs",
    "figure-7": "Figure 7: the sparsity parameter λ",
    "sizes": "Dictionary size",
    "how": "How it was measured",
    "slips": "Errors in the paper",
}


_unfold = component(Path(__file__).with_name("unfold.js"))


def paper_page() -> None:
    claims, dark = describe_paper.load(), st.context.theme.type == "dark"
    st.html(Path(__file__).with_name("paper.css"))
    contents()
    tools = page.head("The paper, checked", anchor="claim")
    page.caption(*figures.main_claim(claims))
    with st.container(key="answer"):
        st.html(answer.html(claims))
        st.html(figures.dotted(claims))
    st.caption(
        "Dots: accuracy in %. With labels, and on CIFAR-10, “as printed” is on the test split, whose labels no network saw."
    )
    st.markdown(f"{_NAMES} {figures.our_cell(claims)}")
    with st.expander("What “fair” and “as printed” mean, how our cell differs from Eq. (8), and when a lead counts"):
        st.markdown(f"{_QUESTION} {figures.criterion(claims)}")
        st.markdown(readme.differences())
    for name, said in (("table1", figures.table1), ("table2", figures.table2)):
        _table(claims, name, said, dark)
    _figures(claims, dark)
    _small_print(claims)
    with tools:
        phrases.glossary()
        page.take_away([page.csv("sc2viz-paper-checked", lambda: _csv(claims.records))], _SNIPPET)


def contents() -> None:
    """Draw the table of contents, in the sidebar."""
    with st.sidebar.container(key="contents"):
        st.markdown("**On this page**")
        st.markdown("\n".join(f"- [{title}](#{anchor})" for anchor, title in CONTENTS.items()))
        _unfold(key="unfold", data=None)


def _table(claims: Claims, name: str, said, dark: bool) -> None:
    st.header(CONTENTS[name], anchor=name)
    clicked = table.results_table(claims, name)
    st.caption(
        "Accuracy in %, mean ± standard deviation over seeds, and the difference from the printed number in points. "
        f"{table.legend()}. Click a number to open the runs behind it. {_made_by(name)} "
        "Networks as large as SLSTM: `python -m sc2viz reproduce equal --data mnist`, and with `--data cifar10`."
    )
    for data, setting in describe_paper.COMPARISONS:
        if paragraph := said(claims, data, setting):
            st.markdown(phrases.bound(paragraph))
    if clicked and clicked.values:
        details.show_runs(claims.records, clicked, dark)


@contextmanager
def _folded(anchor: str) -> Iterator[None]:
    """Draw a section that is closed at first. A link to it opens it."""
    with st.container(key=f"fold-{anchor}"):
        st.header(CONTENTS[anchor], anchor=anchor)
        with st.expander("Show", type="compact"):
            yield


def _figures(claims: Claims, dark: bool) -> None:
    with _folded("figures-4-5"):
        _hundred(claims)
    with _folded("figure-6"):
        st.caption(_made_by("figure6"))
        for data in printed.DATA:
            _beside(figures.convergence(claims, data, dark), "Figure 6")
    with _folded("figure-7"):
        st.caption(_made_by("figure7", protocols=False))
        for data in printed.DATA:
            st.markdown(f"**{describe_paper.NAMES[data]}**, fair")
            legend, drawn, words = figures.by_lambda(claims, data, dark)
            if drawn:
                st.html(legend)
                _beside(drawn, f"Figure 7, {describe_paper.NAMES[data]}")
            st.markdown(phrases.bound(words))
    with _folded("sizes"):
        st.markdown(phrases.bound(sizes.about(claims)))
        st.caption(_made_by("sizes", protocols=False))
        for data in printed.DATA:
            _beside(sizes.by_size(claims, data, dark), CONTENTS["sizes"])


def _hundred(claims: Claims) -> None:
    about = "The paper’s Figure 4 shows errors, where black is no error; its Figure 5 shows reconstructions."
    errors = url.widget("hundred", "Show", help=about) == "errors"
    for data in printed.DATA:
        pixels = ", raw pixels" if data == "cifar10" else ""
        st.markdown(f"**{describe_paper.NAMES[data]}**, training pictures 0–99{pixels}, λ = 0.1, fair")
        figures.hundred(claims, data, errors)
    st.caption("Made by `python -m sc2viz reproduce figure4` and `python -m sc2viz reproduce figure5`.")


def _made_by(what: str, protocols: bool = True) -> str:
    """The commands that make the numbers of a section."""
    more = "`--data cifar10` and `--protocol as-printed`" if protocols else "`--data cifar10`"
    return (
        f"Made by `python -m sc2viz reproduce {what} --data mnist`, also with {more}. The runs behind a number say how to "
        "get the data."
    )


def _beside(drawn: list[figures.Drawn], part: str) -> None:
    """Draw charts of a part of the paper beside each other, each with its words."""
    for column, one in zip(st.columns(len(drawn), gap="large"), drawn, strict=True):
        with column:
            figures.show(one, part)


def _small_print(claims: Claims) -> None:
    with _folded("how"):
        st.markdown(_HOW.format(sources=describe_paper.sources(), code=printed.CODE, tests=figures.note(claims)))
        if tuned := describe_paper.tuning(claims.records):
            st.markdown(
                "- **λ with labels** was chosen for each method by the accuracy on held-out training rows after a short "
                f"training. {tuned}"
            )
    with _folded("slips"):
        rows = "\n".join(f"| {slip.where} | {slip.printed} | {slip.taken} |" for slip in printed.SLIPS)
        st.markdown(f"| Where | Printed | Used here |\n|---|---|---|\n{rows}")


def _csv(records: tables.Records) -> str:
    head = "run", "data", "protocol", "setting", "method", "atoms", "seed", "accuracy", "head", "objective", "excess_percent"
    return page.table(head, [
        [run.name, run.data, run.protocol, run.setting, METHODS[run.method].label, run.atoms, run.seed,
         *(record["metrics"].get(key, "") for key in ("accuracy", "head", "objective", "excess"))]
        for run, record in records.items() if run.experiment == "accuracy"
    ])  # fmt: skip


_NAMES = (
    "**SLSTM** is the cell: adaptive ISTA with learned gates. **SC2Net** is the paper’s network of such cells with its "
    "loss, Eq. (10). LISTA-SC2Net is LISTA with that loss."
)

_QUESTION = (
    "The paper’s main claim is that SLSTM outperforms ISTA, FISTA, LISTA and LFISTA in classification from codes. We "
    "check it under two protocols. **Fair**: full splits, atoms in the unit ball, one optimiser, and the same number of "
    "epochs for all networks. SLSTM is our cell there, and the paper’s own, Eq. (8), stands beside it, trained in the same "
    "way. It is not the same training for all: Table 1’s LISTA and LFISTA are trained on exact codes, "
    "as in the paper, and SLSTM has about twice their parameters. Below Table 1, SLSTM is also compared with networks of "
    "its own loss. **As printed**: after the authors’ released code where there is some, and after the paper’s text or "
    "ours where there is none."
)

_HOW = """
- **Accuracy** is that of logistic regression on the codes, as in the paper. Differences are computed before rounding, so
  they may differ by 0.1 from those of the numbers shown.
- **p-values.** {tests} Two other families are corrected by themselves: the leads of Eq. (10) below Table 2, and those of
  SLSTM over all methods and dictionary sizes of a block.
- **Fair.** Codes are scaled to unit variance. The strength of regularisation is chosen on the last fifth of the training
  rows, in the same way for every method. Networks without labels are trained for every λ in [0.01, 1] at once and
  measured at λ = 0.1; Table 1’s LISTA and LFISTA predict exact codes at λ = 0.1. ISTA and FISTA take ten iterations, as
  all networks do, on a dictionary that was learned to convergence; “Converged” has exact codes on it. With labels, all
  methods but Table 1’s LISTA and LFISTA are trained with Eq. (10) and a softmax on the codes, Eq. (11). ISTA and FISTA
  then learn their dictionary through their ten iterations, and Table 1’s LISTA and LFISTA predict codes and labels.
- **Eq. (8), fair.** Double tanh does not follow λ, so that this cell is trained at the λ of its test. Nobody had chosen
  rates for it, so that Adam’s, and that of the atoms, were searched on held-out training rows: without labels by F, with
  labels by accuracy, before λ.
- **Not tuned alike.** λ with labels, the regression’s strength and the rates of Eq. (8) are all that was searched. SLSTM
  alone has κ (2 without labels, 1 with them), and rates of its own on CIFAR-10’s pixels, in Figure 5; neither was searched
  in these runs. The rate, the weight of the labels and the numbers of epochs are the same for all other networks. An epoch
  of SLSTM costs more than one of LISTA.
- **CIFAR-10** means features of a network that was trained on all training labels, so that nothing there is without
  labels. “No coding” and “Features’ classifier” are what these features have alone.
- **As printed.** What each cell follows: {sources} The [released code]({code}) trains no SLSTM on MNIST or CIFAR-10, and
  its two SLSTMs differ from Eq. (8) and from each other; ours is Eq. (8) with the optimiser and the batches of that code.
  Its CIFAR-10 features are of the first 10,000 pictures, and ours of all. Training uses Adadelta, free atoms, 20 × 167
  batches of 300, and the weights of the epoch with the least cost. Labels weigh ten times more in LFISTA’s loss than in
  the others, as in that code. Logistic regression, one class against the rest with C = 1, is fitted on 6,000 rows of the
  training split and tested on 2,000 others of it, most of which the networks have seen. The released code learns its
  dictionary at a λ for which all codes are zero, and the scikit-learn of its time then replaces all atoms by noise, so here
  the atoms are noise. ISTA and FISTA take 100 iterations. The released code also returns to its best weights whenever the
  cost of a batch doubles; ours does not.
"""

_SNIPPET = """from sc2viz.reports import tables

records = tables.load()
# Of the runs as printed, the networks have seen most labels of the rows of the released code; clean: the test split
for name, protocol, clean in (
    ("fair", "fair", False), ("as printed, test split", "as-printed", True), ("as printed, labels seen", "as-printed", False)
):
    for method in ("ista", "fista", "lista-codes", "lfista-codes", "slstm"):
        cell = tables.cell(records, "table1", "mnist", protocol, "supervised", method, clean=clean)
        print(f"MNIST with labels, {name:23} {method:12} printed {cell.printed:.2f}, measured {cell.text()}")
"""


paper_page()
