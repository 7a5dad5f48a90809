"""All atoms of the dictionary at hand and how test pictures use them; one atom in detail."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from sc2viz import evaluation, lasso
from sc2viz.analysis import atom_statistics
from sc2viz.draw import atoms, gates, mosaics, sheet, style
from sc2viz.pages.dictionary import describe_atoms
from sc2viz.ui import page, phrases, session, sets, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.handed_out import python
from sc2viz.ui.widgets import tiles
from sc2viz.words import N_, _, count, count_rows, localized, of_noun

_sheet, _twins = cached(atoms.sheet), cached(atom_statistics.twins)
SHOWN = 8  # pictures that use an atom most, and atoms that are most like it
# Each order of atoms, and the field of `Facts` that it sorts by.
STOPS = {N_("by use"): "share", N_("by norm"): "norms", N_("by likeness"): "alike"}


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of the d_s atoms of the dictionary at hand, and the codes of n test pictures."""

    B: np.ndarray  # (d_x, d_s) the dictionary
    rows: np.ndarray  # (n,) the pictures' numbers in the test split
    codes: np.ndarray  # (n, d_s)
    share: np.ndarray  # (d_s,) the share of the pictures that use each atom
    size: np.ndarray  # (d_s,) mean |s| over the pictures that use the atom
    norms: np.ndarray  # (d_s,)
    alike: np.ndarray  # (d_s,) the largest |cosine| with another atom
    twin: np.ndarray  # (d_s,) the number of the most alike atom

    def order(self, by: str) -> np.ndarray:
        """The atoms in an order of `STOPS`, the largest first, or by number."""
        return (
            np.argsort(-getattr(self, STOPS[by]), kind="stable")
            if by in STOPS
            else np.arange(self.B.shape[1])
        )


def all_atoms(view: sidebar.View, tools) -> None:
    """Draw the part of Dictionary that shows all atoms of the dictionary at hand."""
    with st.spinner(of_noun(view.noun, "Coding the test {noun}s …"), show_time=True):
        facts = _facts(view)
    page.caption(*_caption(view, facts))
    left, right = st.columns([1.45, 1], gap="large")
    with left:
        controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        with controls:
            by = url.widget("sorted")
            opens = int(facts.share.argmax())
            about = _("The atom that is shown large. You can also click it.")
            atom = url.following("atom", opens, _("Atom"), help=about)
        _grid(view, facts, by, atom)
    with right.container(gap="xsmall"):
        _one(view, facts, atom)
    with tools:
        name = f"sc2viz-dictionary-{view.data}-lambda-{view.lam:g}"
        files = [
            page.png(name, lambda: _picture(view, facts, by)),
            page.csv(name, lambda: _table(facts)),
        ]
        page.explained(None, files, python(__file__, view=view))


def _facts(view: sidebar.View) -> Facts:
    images, B = sets.images(view.data), sets.dictionary(view.data)
    rows = evaluation.subset(len(images))
    codes = _codes(B, images.pixels[rows].numpy(), view.lam)
    used = atom_statistics.usage(torch.from_numpy(codes))
    alike, twin = (part.numpy() for part in _twins(B))
    return Facts(
        B.numpy(),
        rows.numpy(),
        codes,
        used.share.numpy(),
        used.size.numpy(),
        B.norm(dim=0).numpy(),
        alike,
        twin,
    )


@cached
def _codes(B: Tensor, pixels: np.ndarray, lam: float) -> np.ndarray:
    return lasso.solve(torch.from_numpy(pixels), B, lam).codes.numpy()


def _caption(view: sidebar.View, facts: Facts) -> tuple[str, str]:
    claim, why = describe_atoms.usage(facts.share, len(facts.rows), view.lam, view.noun)
    return claim, f"{why} {describe_atoms.coherence(facts.alike, facts.twin, len(facts.B))}"


def _grid(view: sidebar.View, facts: Facts, by: str, atom: int) -> None:
    """All atoms, each with a bar of what they are sorted by."""
    order = facts.order(by)
    bars = getattr(facts, STOPS[by if by in STOPS else "by use"])
    top = max(float(bars.max()), 1e-9)
    shown = [tiles.Tile(j, _words(facts, j), float(bars[j] / top)) for j in order.tolist()]
    label = _("All atoms, {by}", by=_(by))
    tiles.choose_tile(
        "atoms",
        label,
        _sheet(facts.B, view.shape, view.dark),
        atoms.grid(facts.B.shape[1]),
        shown,
        atom,
        choose,
    )


def choose(atom: int) -> None:
    """Show an atom large."""
    st.session_state["atom"] = atom


def _words(facts: Facts, j: int) -> str:
    used = (
        _("used by {share}", share=phrases.share(facts.share[j]))
        if facts.share[j]
        else _("not used")
    )
    return _(
        "Atom {atom}: {used}, norm {norm:.2f}, most like atom {twin} ({cosine:.2f})",
        atom=j,
        used=used,
        norm=facts.norms[j],
        twin=facts.twin[j],
        cosine=facts.alike[j],
    )


def _one(view: sidebar.View, facts: Facts, atom: int) -> None:
    """One atom large, the pictures that use it most, and its row of the Gram matrix."""
    codes = facts.codes[:, atom]
    positive = float((codes > 0).sum() / max((codes != 0).sum(), 1))
    lines = [
        _(
            "in {share} of {rows}",
            share=phrases.share(facts.share[atom]),
            rows=count_rows(len(facts.rows), view.noun),
        ),
        _("mean |s| there {size}", size=phrases.number(facts.size[atom])),
        _("positive in {share} of them", share=phrases.share(positive)),
        _("norm {norm:.3f}", norm=facts.norms[atom]),
    ]
    drawn = mosaics.data_uri(gates.atom_picture(facts.B[:, atom], view.shape, view.dark))
    said = "<br>".join(
        lines if facts.share[atom] else [of_noun(view.noun, "used by no {noun} here"), lines[-1]]
    )
    name = _("Atom {atom}", atom=atom)
    st.html(
        f'<div style="display:flex;gap:1.1rem;align-items:flex-start"><img src="{drawn}" alt="{name}" width="100" '
        f'style="image-rendering:pixelated;border-radius:3px"><div style="font-size:.84rem;line-height:1.4">'
        f'<b style="font-size:1.3rem;line-height:1.2">{name}</b><br>{said}</div></div>'
    )
    _users(view, facts, codes)
    if facts.B.shape[1] > 1:
        _alike(view, facts, atom)


def _users(view: sidebar.View, facts: Facts, codes: np.ndarray) -> None:
    """The pictures that use an atom most; its `codes` are its weights in all of them."""
    users = np.argsort(-np.abs(codes), kind="stable")[:SHOWN]
    users = users[evaluation.in_use(codes[users])]
    if not len(users):
        return
    about = of_noun(view.noun, "Click a {noun} to work with it on all pages.")
    pictures = _("**Pictures that use it most**, and its weight")
    st.markdown(
        pictures if view.noun == "picture" else _("**Rows that use it most**, and its weight"),
        help=about,
    )
    rows = facts.rows[users]
    drawn = mosaics.mosaic(
        sets.images(view.data).pixels[rows].numpy(), view.shape, len(rows), side=1
    )
    one = _(f"{view.noun.capitalize()} {{row}}")
    names = [
        f"{one.format(row=row)}: {phrases.number(s)}"
        for row, s in zip(rows, codes[users], strict=True)
    ]
    shown = [
        tiles.Tile(k, name, None, _short(s))
        for k, (name, s) in enumerate(zip(names, codes[users], strict=True))
    ]
    tiles.choose_tile(
        "users",
        _("Pictures that use it most") if view.noun == "picture" else _("Rows that use it most"),
        drawn,
        (1, len(rows)),
        shown,
        None,
        lambda k: _put_at_hand(int(rows[k])),
        across=SHOWN,
    )


def _alike(view: sidebar.View, facts: Facts, atom: int) -> None:
    """The row of the Gram matrix of an atom, and the atoms that are most like it."""
    about = _(r"The cosines with all other atoms, $b_i^\top b_j$ of atoms of norm 1.")
    st.markdown(_("**Its row of the Gram matrix**"), help=about)
    row = atom_statistics.cosines(*map(torch.from_numpy, (facts.B[:, [atom]], facts.B)))[0].numpy()
    cosines = _("Cosines of atom {atom} with the others", atom=atom)
    page.chart(atoms.row(row, cosines, atom, view.dark, height=150), key="gram-row")
    st.markdown(_("**Atoms most like it**, and their cosines"))
    near = [j for j in np.argsort(-np.abs(row), kind="stable").tolist() if j != atom][:SHOWN]
    shown = [
        tiles.Tile(
            j, _("Atom {atom}: cosine {cosine:.3f}", atom=j, cosine=row[j]), None, _short(row[j])
        )
        for j in near
    ]
    drawn = _sheet(facts.B, view.shape, view.dark)
    tiles.choose_tile(
        "alike",
        _("Atoms most like it"),
        drawn,
        atoms.grid(facts.B.shape[1]),
        shown,
        None,
        choose,
        across=SHOWN,
    )


def _short(value: float) -> str:
    return localized(f"{value:.2f}")


def _put_at_hand(row: int) -> None:
    """Make a picture that was clicked the one of the sidebar, on every page."""
    sidebar.pick(row)
    session.WHOLE.set(True)


def _picture(view: sidebar.View, facts: Facts, by: str) -> bytes:
    order = facts.order(by)
    drawn = atoms.sheet(facts.B[:, order], view.shape, side=900)
    said = [localized(f"{view.data}, λ = {view.lam:g}"), _("each atom at full contrast")]
    title = _("{atoms} {by}", atoms=count(len(order), "atom"), by=_(by))
    column = sheet.SheetColumn(title, style.colour("truth"), [drawn], said)
    return mosaics.png(sheet.sheet(_("{data}: dictionary", data=view.data), [column], side=900))


def _table(facts: Facts) -> str:
    head = (
        "atom",
        "share_of_pictures",
        "mean_size_where_used",
        "norm",
        "largest_cosine",
        "most_alike_atom",
    )
    columns = facts.share, facts.size, facts.norms, facts.alike, facts.twin
    return page.table(
        head, ((j, *(column[j] for column in columns)) for j in range(len(facts.share)))
    )
