"""The paper, checked: its tables and figures beside what was measured, and whether its claims survive."""

import streamlit as st

from sc2viz.pages.paper import describe_paper, details, experiments, table
from sc2viz.reproduction import printed, tables
from sc2viz.reproduction.protocols import METHODS
from sc2viz.reproduction.tables import Records
from sc2viz.ui import cards, page, phrases, sidebar, url

MARKS = {"holds": "✓ leads", "a tie": "≈ a tie", "reversed": "✗ behind"}


def paper_page() -> None:
    view, records = sidebar.current(), load()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("The paper, checked", width="stretch", anchor=False)
        tools = st.container(horizontal=True, width="content")
    page.caption(describe_paper.main_claim(records))
    cards.draw([_card(records, data, setting) for data, setting in describe_paper.COMPARISONS], narrowest=170)
    st.markdown(_QUESTION)
    for name, said in (("table1", describe_paper.table1), ("table2", describe_paper.table2)):
        _table(records, name, said, view.dark)
    _figures(records, view.dark)
    _small_print(records)
    with tools:
        phrases.glossary()
        page.take_away([page.csv("sc2viz-paper-checked", lambda: _csv(records))], _SNIPPET)


def load() -> Records:
    """The records as they are on disk now."""
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
    how = {"holds": "points over", "a tie": "points, a tie with", "reversed": "points, behind"}[ours.verdict]
    against = f"{how} {METHODS[ours.rival].label}: ours, fair"
    return cards.Card(title, "slstm", MARKS[ours.verdict], (), (describe_paper.signed(ours.points), against), numbers)


def _table(records: Records, name: str, said, dark: bool) -> None:
    titles = {"table1": "Table 1: all solvers", "table2": "Table 2: training by Eq. (10) instead of on codes"}
    st.subheader(titles[name], anchor=name)
    clicked = table.draw(records, name)
    st.caption(
        "Accuracy in %, mean ± standard deviation over seeds, and points against the printed figure. "
        f"{table.legend()}. A click on a number opens the runs behind it."
    )
    for data, setting in describe_paper.COMPARISONS:
        if paragraph := said(records, data, setting):
            st.markdown(paragraph)
    if clicked and clicked.values:
        details.show_runs(records, clicked, dark)


def _figures(records: Records, dark: bool) -> None:
    st.subheader("Figures 4 and 5: the same hundred pictures", anchor="figures-4-5")
    about = "The paper’s Figure 4 shows errors, black where there are none; its Figure 5 shows reconstructions."
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
    st.subheader("Dictionary size, claimed but not shown", anchor="sizes")
    experiments.sizes(records, dark)


def _small_print(records: Records) -> None:
    st.subheader("How it was measured", anchor="how")
    st.markdown(_HOW)
    if tuned := describe_paper.tuning(records):
        st.markdown(f"λ of the methods with labels, by accuracy on training rows held out from a short training. {tuned}")
    st.subheader("The paper’s own slips", anchor="slips")
    rows = "\n".join(f"| {slip.where} | {slip.printed} | {slip.taken} |" for slip in printed.SLIPS)
    st.markdown(f"| Where | What is printed | What was taken |\n|---|---|---|\n{rows}")


def _csv(records: Records) -> str:
    head = "run", "data", "protocol", "setting", "method", "atoms", "seed", "accuracy", "head", "objective", "excess_percent"
    return page.table(head, [
        [run.name, run.data, run.protocol, run.setting, METHODS[run.method].label, run.atoms, run.seed,
         *(record["metrics"].get(key, "") for key in ("accuracy", "head", "objective", "excess"))]
        for run, record in records.items() if run.experiment == "accuracy"
    ])  # fmt: skip


_QUESTION = (
    "The paper’s main claim is SLSTM’s lead over ISTA, FISTA, LISTA and LFISTA in classification from codes. It is "
    "checked under two protocols. **Fair**: full splits, atoms in the unit ball, one recipe and one budget for every "
    "method, nothing chosen on the test split. **As printed**: after the authors’ released code. A lead under "
    f"{describe_paper.TIE:g} points, or within two standard deviations over the seeds, counts as a tie."
)

_HOW = """
- **Accuracy** is that of logistic regression on the codes, as in the paper.
- **Fair.** Codes are scaled to unit variance, and the strength of regularisation is chosen on the last fifth of the
  training rows, the same way for every method. Networks without labels learn every λ in [0.01, 1] at once and are
  judged at 0.1; LISTA and LFISTA of Table 1 regress exact codes at 0.1. ISTA and FISTA take ten iterations, as every
  network does, on a dictionary learned to convergence; “Converged” closes the duality gap on it. With labels all are
  trained by Eq. (11): ISTA and FISTA learn their dictionary through their own ten iterations, and Table 1’s LISTA and
  LFISTA regress codes and labels together.
- **As printed.** Adadelta, free atoms, 20 × 167 batches of 300, the weights of the epoch with the least cost; logistic
  regression, one class against the rest with C = 1, fitted on 6,000 rows of the training split and tested on 2,000
  others of it, most of which the networks have seen. The released code learns its dictionary at a λ where all codes are
  zero, and the scikit-learn of its time then fills it with noise: so here it is noise. ISTA and FISTA take 100
  iterations. What it does not have, Table 1’s LISTA and LFISTA with labels, regresses codes and labels together here;
  what we left out is that it goes back to its best weights whenever the cost of a batch doubles.
"""

_SNIPPET = """from sc2viz.reproduction import tables

records = tables.load()
for protocol in ("fair", "as-printed"):
    for method in ("ista", "fista", "lista-codes", "lfista-codes", "slstm"):
        cell = tables.cell(records, "table1", "mnist", protocol, "supervised", method)
        print(f"{protocol:12} {method:14} printed {cell.printed:.2f}, measured {cell.text(2)}")
"""


paper_page()
