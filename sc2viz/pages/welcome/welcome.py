"""Welcome: what sparse coding is, in one live picture; the paper's Figures 1 and 3; and where to go from here."""

from functools import partial
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from sc2viz import defaults
from sc2viz.figures import diagrams, pictures, sheet, style, sums
from sc2viz.pages.welcome import adder
from sc2viz.ui import page, phrases, results, sidebar, startup, url
from sc2viz.ui.errors import guard
from sc2viz.ui.phrases import share
from sc2viz.ui.widgets import linked_html

CSS = Path(__file__).with_name("welcome.css").read_text(encoding="utf-8")
QUESTIONS = {  # what each page answers
    "compare": "Which solver comes closest to the optimum, and how soon?",
    "step": "What does each iteration change?",
    "gates": "What do the gates do to one atom of one picture?",
    "activations": "How does a code become sparse, and what does double tanh do instead?",
    "train": "What does a network learn that a formula does not know?",
    "lambda": "What does raising λ cost?",
    "paper": "Does the paper hold when it is run again?",
}

FIGURES = {
    "unit": ("Figure 1.", "One SLSTM unit: an iteration of adaptive ISTA with learned gates, Eq. (8)."),
    "alone": ("Figure 3 (a).", "SC2Net learns from pictures alone, by the loss of Eq. (10)."),
    "labels": ("Figure 3 (b).", "SC2Net learns from labels too, by the softmax of Eq. (11)."),
}
UNIT = r"""\begin{aligned}
i^{(t)} &= \sigma(W_{is}\, s^{(t-1)} + W_{ix}\, x) \\
f^{(t)} &= \sigma(W_{fs}\, s^{(t-1)} + W_{fx}\, x) \\
\tilde c^{(t)} &= W_e\, s^{(t-1)} + W_d\, x \\
c^{(t)} &= f^{(t)} \odot c^{(t-1)} + i^{(t)} \odot \tilde c^{(t)} \\
s^{(t)} &= h(c^{(t)})
\end{aligned}"""


@st.fragment
@guard
def welcome() -> None:
    view = sidebar.current()
    x = view.pixels([view.picture])
    B = startup.dictionary(view.data).numpy()
    codes = results.exact(view.data, x, view.lam).codes[0]
    order = sums.largest_first(codes, B)
    missing = sums.missing(x[0], codes, B, order)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("A picture is a sum of few atoms", width="stretch", anchor=False)
        tools = st.container(horizontal=True, width="content")
    page.caption(_caption(view, order, missing, B.shape[1]))
    asked = url.now("sum")
    if asked is not None:
        _keep(len(order), asked)
    adder.draw(
        x[0], B[:, order], codes[order], order, missing, view.shape, _subject(view),
        start=asked, on_rest=partial(_keep, len(order)),
    )  # fmt: skip
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("**What to notice.** " + " ".join(_notice(view, x, B, codes, order, missing)))
    with right:
        st.latex(r"x \approx B s = \sum_j s_j\, b_j")
        st.latex(r"F(s) = \tfrac12\lVert x - Bs\rVert^2 + \lambda\lVert s\rVert_1")

    st.subheader("Who finds the weights", anchor=False)
    st.markdown(
        "The code $s$ is whatever makes $F(s)$ smallest: what is missing, plus the price λ of every weight. "
        "ISTA gets there by many small steps, each the same formula, Eq. (5)–(6). Written as a recurrent network, the "
        "formula's matrices can be learned (LISTA); give each atom a memory with gates, and it becomes **SLSTM**, "
        "Eq. (8), and a row of those **SC2Net** (Zhou et al., AAAI 2018). Point at a part to read what it does; click "
        "it to see it work.",
        width=820,
    )
    there = {path: linked_html.address(path) for path in linked_html.pages()}
    left, right = st.columns(2, gap="large")
    with left:
        linked_html.draw(_figure(*FIGURES["unit"], diagrams.slstm_unit(there)), CSS, key="figure-1")
        st.latex(UNIT)
    with right:
        linked_html.draw(
            _figure(*FIGURES["alone"], diagrams.sc2net(there))
            + _figure(*FIGURES["labels"], diagrams.sc2net(there, supervised=True)),
            CSS,
            key="figure-3",
        )
    linked_html.draw(_cards(), CSS, key="cards")
    linked_html.targets()
    with tools:
        phrases.equations(defaults.INTRODUCED)
        phrases.glossary()
        name = f"sc2viz-{view.data}-{view.picture}-lambda-{view.lam:g}"
        page.take_away(
            [
                page.png(name, lambda: _picture(view, x, B, codes, order, missing)),
                page.csv(name, lambda: _table(B, codes, order, missing)),
            ],
            _snippet(view),
            charts=False,
        )


def _keep(all: int, count: int) -> None:
    """Put in the URL how many atoms are shown; nothing where it is all of them, for at another λ that is another number."""
    if count < all:
        st.query_params["sum"] = str(count)
    else:
        st.query_params.pop("sum", None)


def _subject(view: sidebar.View) -> str:
    name = view.name(view.picture)
    return name if view.images.labels is None else f"picture {view.picture}, {phrases.a(name)}"


def _this(view: sidebar.View) -> str:
    return "This picture" if view.images.labels is None else f"This {view.name(view.picture)}"


def _caption(view: sidebar.View, order, missing, atoms: int) -> str:
    if not len(order):
        return (
            f"At λ = {view.lam:g} no atom is worth its price: every weight of this picture is zero. "
            "A picture needs contrast, and a smaller λ, to be written in atoms."
        )
    some = min(5, len(order))
    said = f"{_this(view)} is the sum of **{_atoms(len(order))}** out of {atoms}, up to the {share(missing[-1])} "
    said += "that is missing."
    if some < len(order):
        said += f" The first {some} alone make {share(1 - missing[some])} of it."
    return said


def _notice(view: sidebar.View, x, B, codes, order, missing) -> list[str]:
    """Sentences that a teacher can read aloud."""
    said = []
    if len(order) > 3:
        half = len(order) // 2
        said.append(
            f"The large weights do most of the work: the first {half} atoms explain {share(missing[0] - missing[half])} "
            f"of the picture, the last {len(order) - half} another {share(missing[half] - missing[-1])}."
        )
        negative = int((codes[order] < 0).sum())
        if negative == 1:
            said.append("One of the weights is negative: that atom is subtracted.")
        elif negative:
            said.append(f"{negative} of the weights are negative: those atoms are subtracted.")
    counts = []
    for lam in (0.1, 1.0):
        other = results.exact(view.data, x, lam).codes[0]
        used = sums.largest_first(other, B)
        left = sums.missing(x[0], other, B, used)[-1]
        counts.append(f"{_atoms(len(used))} and {share(left)} missing at λ = {lam:g}")
    said.append(f"λ, on the left, is the price of the weights: {counts[0]}, {counts[1]}.")
    said.append("Missing is the share of squared pixels, ‖x − sum‖² / ‖x‖².")
    return said


def _atoms(count: int) -> str:
    return f"{count} atom{'' if count == 1 else 's'}"


def _figure(number: str, says: str, svg: str) -> str:
    """A drawing over the line that says what its parts are as they are pointed at."""
    said = f'<b>{number}</b> <span class="says" aria-live="polite">{says}</span>'
    return f"<figure>{svg}<figcaption>{said}</figcaption></figure>"


def _cards() -> str:
    cards = "".join(
        f'<a data-page="{path}" href="{escape(linked_html.address(path))}"><b>{escape(target.title)}</b>'
        f"<span>{QUESTIONS.get(path, '')}</span></a>"
        for path, target in linked_html.pages().items()
        if path not in ("", "welcome")
    )
    return f'<h2>Where to look</h2><nav class="cards" aria-label="Pages">{cards}</nav>'


def _picture(view: sidebar.View, x, B, codes, order, missing) -> bytes:
    """The picture and its sums of 1, 2, 4, … atoms as one PNG."""
    counts = sorted({1, 2, 4, 8, 16, 32, len(order)} & set(range(len(order) + 1)))
    columns = [sheet.Column("The picture", style.ink(False), [pictures.mosaic(x, view.shape)], [_subject(view)])]
    for k in counts:
        total = (B[:, order[:k]] @ codes[order[:k]])[None]
        columns.append(
            sheet.Column(_atoms(k), style.SPARE, [pictures.mosaic(total, view.shape)], [f"{share(missing[k])} missing"])
        )
    return pictures.png(sheet.sheet(f"A sum of atoms, λ = {view.lam:g}", columns))


def _table(B, codes, order, missing) -> str:
    """The atoms in use as CSV, largest contribution first."""
    head = ["atom", "weight", "atom_norm", "missing_share_after"]
    norms = np.linalg.norm(B, axis=0)
    return page.table(head, ([atom, codes[atom], norms[atom], missing[k + 1]] for k, atom in enumerate(order)))


def _snippet(view: sidebar.View) -> str:
    return f"""from sc2viz import checkpoints, data, lasso

x = data.load("{view.data}", split="test").pixels[{view.picture}:{view.picture + 1}]
B = checkpoints.load_dictionary("{startup.weights(view.data)}")
s = lasso.solve(x, B, lam={view.lam:g}, tol=1e-6).codes.float()[0]

total = 0
for j in (s.abs() * B.norm(dim=0)).argsort(descending=True):
    if s[j].abs() > 1e-3:
        total = total + s[j] * B[:, j]
        missing = (x[0] - total).square().sum() / x[0].square().sum()
        print(f"atom {{j}}, weight {{s[j]:.3g}}: {{missing:.1%}} missing")
"""


welcome()
