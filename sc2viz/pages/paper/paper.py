"""The paper, checked: its tables and figures next to our measurements, and whether its claims hold."""

import streamlit as st

from sc2viz.figures import cards
from sc2viz.pages.paper import describe_paper, details, experiments, table
from sc2viz.reproduction import printed, tables
from sc2viz.reproduction.protocols import METHODS
from sc2viz.reproduction.tables import Records
from sc2viz.ui import page, phrases, sidebar, url

MARKS = {"holds": "✓ leads", "a tie": "≈ a tie", "reversed": "✗ behind"}


def paper_page() -> None:
    view, records = sidebar.current(), load()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("The paper, checked", width="stretch", anchor=False)
        tools = st.container(horizontal=True, width="content")
    page.caption(*describe_paper.main_claim(records))
    page.cards([_card(records, data, setting) for data, setting in describe_paper.COMPARISONS], narrowest=170)
    st.markdown(_QUESTION)
    for name, said in (("table1", describe_paper.table1), ("table2", describe_paper.table2)):
        _table(records, name, said, view.dark)
    _figures(records, view.dark)
    _small_print(records)
    with tools:
        phrases.glossary()
        page.take_away([page.csv("sc2viz-paper-checked", lambda: _csv(records))], _SNIPPET)


def load() -> Records:
    """The records as they are on disk."""
    return _load(tuple((str(path), path.stat().st_mtime_ns) for path in sorted(tables.RESULTS.glob("*.json"))))


@st.cache_resource(max_entries=2, show_spinner=False)
def _load(files: tuple) -> Records:
    return tables.load(tables.RESULTS)


def _card(records: Records, data: str, setting: str) -> cards.Card:
    """SLSTM's lead in one comparison, printed and measured."""
    title, (claimed, _) = describe_paper.subject(data, setting), describe_paper.printed_lead(data, setting)
    numbers = {"in the paper": f"{claimed:+.1f}"}
    theirs, ours = (describe_paper.lead(records, data, protocol, setting) for protocol in ("as-printed", "fair"))
    if theirs:
        numbers["ours, as printed"] = describe_paper.signed(theirs.points)
    if ours is None:
        return cards.Card(title, "truth", "not measured yet", (), ("–", "SLSTM’s lead, ours, fair"), numbers)
    how = {"holds": "points ahead of", "a tie": "points, a tie with", "reversed": "points, behind"}[ours.verdict]
    against = f"{how} {METHODS[ours.rival].label} (ours, fair)"
    return cards.Card(title, "slstm", MARKS[ours.verdict], (), (describe_paper.signed(ours.points), against), numbers)


def _table(records: Records, name: str, said, dark: bool) -> None:
    titles = {"table1": "Table 1: all solvers", "table2": "Table 2: training with Eq. (10) instead of on exact codes"}
    st.subheader(titles[name], anchor=name)
    clicked = table.draw(records, name)
    st.caption(
        "Accuracy in %, mean ± standard deviation over seeds, and the difference from the printed number in points. "
        f"{table.legend()}. Click a number to open the runs behind it."
    )
    for data, setting in describe_paper.COMPARISONS:
        if paragraph := said(records, data, setting):
            st.markdown(paragraph)
    if clicked and clicked.values:
        details.show_runs(records, clicked, dark)


def _figures(records: Records, dark: bool) -> None:
    st.subheader("Figures 4 and 5: the same hundred pictures", anchor="figures-4-5")
    about = "The paper’s Figure 4 shows errors, where black is no error; its Figure 5 shows reconstructions."
    errors = url.widget("hundred", "Show", help=about) == "errors"
    for data in printed.DATA:
        st.markdown(f"**{describe_paper.NAMES[data]}**, training pictures 0–99, λ = 0.1, fair")
        experiments.hundred(records, data, tables.RESULTS, errors)
    st.subheader("Figure 6: loss against epochs", anchor="figure-6")
    for data in printed.DATA:
        experiments.convergence(records, data, dark)
    st.subheader("Figure 7: the sparsity parameter λ", anchor="figure-7")
    for data in printed.DATA:
        st.markdown(f"**{describe_paper.NAMES[data]}**, fair")
        experiments.by_lambda(records, data, dark)
    st.subheader("Dictionary size, which the paper mentions without numbers", anchor="sizes")
    experiments.sizes(records, dark)


def _small_print(records: Records) -> None:
    st.subheader("How it was measured", anchor="how")
    st.markdown(_HOW)
    if tuned := describe_paper.tuning(records):
        st.markdown(
            "- **λ with labels** was chosen for each method by the accuracy on held-out training rows after a short "
            f"training. {tuned}"
        )
    st.subheader("Errors in the paper", anchor="slips")
    rows = "\n".join(f"| {slip.where} | {slip.printed} | {slip.taken} |" for slip in printed.SLIPS)
    st.markdown(f"| Where | Printed | Used here |\n|---|---|---|\n{rows}")


def _csv(records: Records) -> str:
    head = "run", "data", "protocol", "setting", "method", "atoms", "seed", "accuracy", "head", "objective", "excess_percent"
    return page.table(head, [
        [run.name, run.data, run.protocol, run.setting, METHODS[run.method].label, run.atoms, run.seed,
         *(record["metrics"].get(key, "") for key in ("accuracy", "head", "objective", "excess"))]
        for run, record in records.items() if run.experiment == "accuracy"
    ])  # fmt: skip


_QUESTION = (
    "The paper’s main claim is that SLSTM outperforms ISTA, FISTA, LISTA and LFISTA in classification from codes. We "
    "check it under two protocols. **Fair**: full splits, atoms in the unit ball, one recipe and one budget for all "
    "methods, and nothing chosen on the test split. **As printed**: as in the authors’ released code. A lead of less than "
    f"{describe_paper.TIE:g} points, or within two standard deviations over the seeds, counts as a tie."
)

_HOW = """
- **Accuracy** is that of logistic regression on the codes, as in the paper. Differences are computed before rounding, so
  they may differ by 0.1 from those of the numbers shown.
- **Fair.** Codes are scaled to unit variance. The strength of regularisation is chosen on the last fifth of the training
  rows, in the same way for every method. Networks without labels are trained for every λ in [0.01, 1] at once and
  measured at λ = 0.1; Table 1’s LISTA and LFISTA predict exact codes at λ = 0.1. ISTA and FISTA take ten iterations, as
  all networks do, on a dictionary that was learned to convergence; “Converged” has exact codes on it. With labels, all
  methods are trained with Eq. (11). ISTA and FISTA then learn their dictionary through their ten iterations, and Table
  1’s LISTA and LFISTA predict codes and labels.
- **As printed.** Training uses Adadelta, free atoms, 20 × 167 batches of 300, and the weights of the epoch with the
  least cost. Logistic regression, one class against the rest with C = 1, is fitted on 6,000 rows of the training split
  and tested on 2,000 others of it, most of which the networks have seen. The released code learns its dictionary at a λ
  for which all codes are zero, and the scikit-learn of its time then replaces all atoms by noise, so here the atoms are
  noise. ISTA and FISTA take 100 iterations. The released code has no supervised LISTA or LFISTA; ours predicts codes and
  labels. The released code also returns to its best weights whenever the cost of a batch doubles; ours does not.
"""

_SNIPPET = """from sc2viz.reproduction import tables

records = tables.load()
for protocol in ("fair", "as-printed"):
    for method in ("ista", "fista", "lista-codes", "lfista-codes", "slstm"):
        cell = tables.cell(records, "table1", "mnist", protocol, "supervised", method)
        print(f"{protocol:12} {method:14} printed {cell.printed:.2f}, measured {cell.text(2)}")
"""


paper_page()
