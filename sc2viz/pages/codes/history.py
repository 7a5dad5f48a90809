"""The solvers in the order of their years: who, when, the equation, what is learned, how many numbers that is."""

from functools import cache

import streamlit as st

from sc2viz import solvers
from sc2viz.draw import style
from sc2viz.ui import known_codes, phrases, session, url
from sc2viz.ui.known_codes import RECIPE
from sc2viz.words import N_, _, localized, ngettext

COLUMNS = 2
_AIMS = {
    "code": N_("It aims at the true code, not at F."),
    "sparsity": N_("It aims at sparsity, not at F."),
}


def draw() -> None:
    """One card a solver, the earliest first."""
    st.header(_("The solvers, a history"), anchor=False)
    names = sorted(
        solvers.NAMES, key=lambda name: (solvers.year(name) or 9999, solvers.NAMES.index(name))
    )
    known = url.now("solvers")  # once, because it looks for the networks of all data sets
    for k in range(0, len(names), COLUMNS):
        for place, name in zip(
            st.columns(COLUMNS, gap="medium"), names[k : k + COLUMNS], strict=False
        ):
            with place.container(border=True):
                _card(name, known)


def _card(name: str, known: list[str]) -> None:
    cls = solvers.solver_class(name)
    mark = f'<span style="color:{style.themed(name)}">{style.mark(name)}</span>'
    group = _(solvers.FAMILIES[solvers.family(name)])
    st.html(
        f"<b>{solvers.year(name) or _('Yours')} · {cls.label}</b> {mark} <small>{group}</small>"
    )
    st.markdown(f"{_(cls.summary)} {_(cls.source)}.")
    st.latex(phrases.stacked(cls.equation))
    st.caption(f"{_learns(name)} {_(_AIMS.get(cls.traits.aims_at, N_('It aims at F.')))}")
    pages = session.PAGES.get()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = cls.label in known
        about = (
            _("It is chosen, here and on all pages.")
            if chosen
            else _("Puts it among the chips, here and on all pages.")
        )
        st.button(
            _("Choose"),
            key=f"choose-{name}",
            on_click=_choose,
            args=(known, cls.label),
            disabled=chosen,
            help=about,
        )
        more = (
            ("gates", cls.traits.gates),
            ("activations", cls.traits.activation),
            ("train", cls.traits.learned),
        )
        for path in ("compare", "step", *(path for path, shown in more if shown)):
            if path in pages:
                st.page_link(pages[path])


def _choose(known: list[str], label: str) -> None:
    st.session_state["solvers"] = [*known, label]
    session.HAS_CHOSEN.set(True)


def _learns(name: str) -> str:
    """What training changes besides the dictionary, and how many numbers that is at the size of the papers' recipe."""
    if not solvers.solver_class(name).traits.learned:
        return _("It learns nothing.")
    try:
        counts = _counts(name)
    except Exception as error:  # a guest's, as a rule
        return _("It cannot be built here: {error}.", error=error)
    if not counts:
        return _("It learns no number besides its atoms.")
    many, parts = (
        sum(counts.values()),
        ", ".join(f"`{part}` {localized(f'{count:,}')}" for part, count in counts.items()),
    )
    return ngettext(
        "It learns {n} number at {d_x} × {d_s}: {parts}.",
        "It learns {n} numbers at {d_x} × {d_s}: {parts}.",
        many,
        d_x=RECIPE.d_x,
        d_s=RECIPE.d_s,
        parts=parts,
    )


@cache
def _counts(name: str) -> dict[str, int]:
    """The sizes by name of what a solver learns besides the dictionary: its parameters, and where it is fitted by a search
    its own buffers that are not made of the dictionary."""
    solver = solvers.build(name, known_codes.images(RECIPE).dictionary, steps=known_codes.LAYERS)
    atoms = {
        id(each)
        for group in solver.parameter_groups()
        if group.get("atoms")
        for each in group["params"]
    }
    found = {part: each for part, each in solver.named_parameters() if id(each) not in atoms}
    if hasattr(solver, "fit_by_search"):
        own = dict(solver.named_buffers(recurse=False))
        found |= {part: own[part] for part in own.keys() - set(solver.computed)}
    return {part.rpartition(".")[2]: each.numel() for part, each in found.items()}
