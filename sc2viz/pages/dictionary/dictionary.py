"""Dictionary: atoms while they are learned, all atoms and the pictures that use them, and what a network made of them."""

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from sc2viz import defaults, evaluation, lasso
from sc2viz.analysis import atom_statistics
from sc2viz.draw import atoms, gates, mosaics, style
from sc2viz.pages.dictionary import learning, networks
from sc2viz.ui import boards, page, pen, phrases, session, sets, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment
from sc2viz.ui.sidebar import View
from sc2viz.ui.widgets import tiles
from sc2viz.words import N_, _, count, count_rows, localized, ngettext, of_noun

Facts = dict[
    str, np.ndarray
]  # what is known of the d_s atoms at hand, and of the codes that use them
ORDERS = {N_("by use"): "share", N_("by norm"): "norm", N_("by likeness"): "cosine"}
ACROSS = 8  # pictures that use an atom most, and atoms that are most like it
twins = cached(atom_statistics.twins)


@fragment
def dictionary_page() -> None:
    if session.take("reruns_page"):  # a click on this page has changed what the sidebar shows
        st.rerun()
    view, lesson = sidebar.current(), None
    with page.head(_("Dictionary"), choices=True):
        sections = [section for section in url.domain("part").options if section != "alike"]
        section = url.widget("part", options=sections)
        if section == "learning":
            lesson = page.lessons("film_lesson", learning.LESSONS, learning.take_lesson)
        if section == "networks":
            pen.switch(view)
    if section == "networks":
        networks.draw(view)
        return
    if section == "learning":
        learning.draw_film(view, lesson)
        st.markdown(
            of_noun(
                view.noun,
                "What a {noun} leaves unexplained pushes the atoms that it uses, and codes and atoms take turns. Every page "
                "uses the dictionary that the sidebar names. Which of its atoms does a {noun} use, and which {noun}s use one "
                "atom?",
            )
        )
    with st.spinner(of_noun(view.noun, "Coding the test {noun}s …"), show_time=True):
        facts = read_atoms(view)
    order = url.value("sorted")
    page.caption(*describe_use(view, facts))
    grid_column, atom_column = st.columns([1.45, 1], gap="large")
    with grid_column:
        atom = url.following("atom", int(facts["share"].argmax()), _("Atom"))
        draw_all(view, facts, order, atom)
    with atom_column.container(gap="xsmall"):
        draw_atom(view, facts, atom)
        draw_users(view, facts, atom)
    if place := page.details(is_asked="sorted" in st.query_params):
        with place:
            if section == "learning":
                learning.choose(view)
                learning.draw_equations(view)
            url.widget("sorted")
            if facts["B"].shape[1] > 1:
                draw_alike(view, facts, atom)
            look = {"labels": style.label, "colours": style.themed}
            looks = {key: list(map(read, defaults.UNTRAINED)) for key, read in look.items()}
            page.idea("two_alike", {"lam": view.lam} | looks)
    if section == "learning" and session.film:
        learning.take_away(session.film)
        return
    name = f"sc2viz-dictionary-{view.data}-lambda-{view.lam:g}"
    files = [
        page.png(name, lambda: draw_sheet(view, facts, order)),
        page.csv(name, lambda: table(facts)),
    ]
    page.explained(None, files, __file__, view=view, two_alike=place and defaults.UNTRAINED)


def read_atoms(view: View) -> Facts:
    """What is known of the atoms of the dictionary at hand, and the codes of test pictures, whose `rows` are numbers."""
    images, B = sets.images(view.data), view.B
    rows = evaluation.subset(len(images))
    codes = exact_codes(B, images.pixels[rows].numpy(), view.lam)
    use, (cosine, twin) = atom_statistics.usage(codes), twins(B)
    values = {
        "B": B,
        "rows": rows,
        "codes": codes,
        "share": use.share,
        "size": use.size,
        "norm": B.norm(dim=0),
        "cosine": cosine,
        "twin": twin,
    }
    return {key: value.numpy() for key, value in values.items()}


@cached
def exact_codes(B: Tensor, pixels: np.ndarray, lam: float) -> Tensor:
    return lasso.solve(torch.from_numpy(pixels), B, lam).codes


def sort_atoms(facts: Facts, order: str) -> np.ndarray:
    """The atoms in an order of `ORDERS`, the largest first, or by number."""
    number = np.arange(facts["B"].shape[1])
    return np.argsort(-facts[ORDERS[order]], kind="stable") if order in ORDERS else number


def describe_use(view: View, facts: Facts) -> tuple[str, str]:
    """Which atom is used most, and why."""
    share = facts["share"]
    atom = int(share.argmax())
    if not share.any():
        return (
            _("At λ = {lam:g} no atom is used: every code is zero.", lam=view.lam),
            of_noun(view.noun, "λ is above ‖Bᵀx‖_∞ of every {noun}."),
        )
    claim = ngettext(
        "Atom **{atom}** is used most, in **{share}** of {rows} at λ = {lam:g}.",
        "{n} atoms, such as **{atom}**, are used most, each in **{share}** of {rows} at λ = {lam:g}.",
        int((share == share[atom]).sum()),
        atom=atom,
        share=phrases.share(share[atom]),
        rows=count_rows(len(facts["rows"]), view.noun),
        lam=view.lam,
    )
    reasons = of_noun(
        view.noun,
        "An atom is used where what the code leaves of the {noun}, x − Bs, correlates with it by λ. On average a {noun} uses "
        "{mean:.1f} of {atoms}.",
        mean=share.sum(),
        atoms=count(len(share), "atom"),
    )
    unused = int((share == 0).sum())
    none = ngettext("{n} atom is used by none.", "{n} atoms are used by none.", unused)
    return claim, f"{reasons} {none}" if unused else reasons


def draw_all(view: View, facts: Facts, order: str, atom: int) -> None:
    """All atoms, each with a bar of what they are sorted by."""
    names = []
    for j, share in enumerate(facts["share"]):
        name = _(
            "Atom {atom}: {usage}, norm {norm:.2f}, most like atom {twin} ({cosine:.2f})",
            atom=j,
            usage=_("used by {share}", share=phrases.share(share)) if share else _("not used"),
            norm=facts["norm"][j],
            twin=facts["twin"][j],
            cosine=facts["cosine"][j],
        )
        names.append(name)
    label, bars = _("All atoms, {order}", order=_(order)), facts[ORDERS.get(order, "share")]
    networks.draw_grid(view, label, facts["B"], sort_atoms(facts, order), names, bars, atom)


def draw_atom(view: View, facts: Facts, atom: int) -> None:
    """One atom large, with its numbers."""
    codes, lines = facts["codes"][:, atom], [of_noun(view.noun, "used by no {noun} here")]
    if share := facts["share"][atom]:
        rows, positive = count_rows(len(codes), view.noun), (codes > 0).sum() / (codes != 0).sum()
        lines = [
            _("in {share} of {rows}", share=phrases.share(share), rows=rows),
            _("mean |s| there {size}", size=phrases.number(facts["size"][atom])),
            _("positive in {share} of them", share=phrases.share(positive)),
        ]
    lines.append(_("norm {norm:.3f}", norm=facts["norm"][atom]))
    picture = mosaics.data_uri(gates.atom_picture(facts["B"][:, atom], view.shape, view.dark))
    name = _("Atom {atom}", atom=atom)
    st.html(
        f'<div class="sc-atom"><img src="{picture}" alt="{name}" width="100"><div><b>{name}</b><br>{"<br>".join(lines)}'
        "</div></div>"
    )


def draw_users(view: View, facts: Facts, atom: int) -> None:
    """The pictures that use an atom most, and its weights in them."""
    codes = facts["codes"][:, atom]
    users = np.argsort(-np.abs(codes), kind="stable")[:ACROSS]
    users = users[evaluation.in_use(codes[users])]
    if not len(users):
        return
    rows = facts["rows"][users]
    label = _("Pictures that use it most") if view.noun == "picture" else _("Rows that use it most")
    about = of_noun(view.noun, "Click a {noun} to work with it on all pages.")
    st.markdown(f"**{label}**", help=about)
    picture = mosaics.mosaic(view.images.pixels[rows].numpy(), view.shape, len(rows), side=1)
    name = _(f"{view.noun.capitalize()} {{row}}")
    choices = [
        tiles.Tile(k, f"{name.format(row=row)}: {phrases.number(s)}", None, localized(f"{s:.2f}"))
        for k, (row, s) in enumerate(zip(rows, codes[users], strict=True))
    ]

    def put_at_hand(k: int) -> None:
        sidebar.pick(int(rows[k]))
        session.reruns_page = True

    tiles.choose_tile(
        "users", label, picture, (1, len(rows)), choices, None, put_at_hand, across=ACROSS
    )


def draw_alike(view: View, facts: Facts, atom: int) -> None:
    """Which atoms are most alike, the row of the Gram matrix of an atom, and the atoms that are most like it."""
    B, pair = torch.from_numpy(facts["B"]), int(facts["cosine"].argmax())
    first, second = sorted((pair, int(facts["twin"][pair])))
    st.markdown(
        _(
            "The coherence is {cosine:.2f}, the cosine of atoms {first} and {second}, the most alike of {atoms} atoms of "
            "{numbers} numbers.",
            cosine=facts["cosine"][pair],
            first=first,
            second=second,
            atoms=B.shape[1],
            numbers=len(B),
        )
    )
    cosines = atom_statistics.cosines(B[:, [atom]], B)[0].numpy()
    about = _(r"The cosines with all other atoms, $b_i^\top b_j$ of atoms of norm 1.")
    st.markdown(_("**Its row of the Gram matrix**"), help=about)
    title = _("Cosines of atom {atom} with the others", atom=atom)
    page.chart(atoms.row(cosines, title, atom, view.dark, height=150), key="gram-row")
    st.markdown(_("**Atoms most like it**, and their cosines"))
    near = [j for j in np.argsort(-np.abs(cosines), kind="stable").tolist() if j != atom][:ACROSS]
    choices = []
    for j in near:
        name = _("Atom {atom}: cosine {cosine:.3f}", atom=j, cosine=cosines[j])
        choices.append(tiles.Tile(j, name, None, localized(f"{cosines[j]:.2f}")))
    picture = networks.draw_atoms(facts["B"], view.shape, view.dark)
    tiles.choose_tile(
        "alike",
        _("Atoms most like it"),
        picture,
        mosaics.grid(len(cosines)),
        choices,
        None,
        networks.show_atom,
        across=ACROSS,
    )


def draw_sheet(view: View, facts: Facts, order: str) -> np.ndarray:
    B = facts["B"][:, sort_atoms(facts, order)]
    title = _("{atoms} {order}", atoms=count(B.shape[1], "atom"), order=_(order))
    picture = boards.atoms_picture([B], view.shape, "", "")
    group = boards.Group(title, None, [picture], readings={"λ": [f"{view.lam:g}"]})
    return boards.draw_sheet(view.data, [group], side=900)


def table(facts: Facts) -> str:
    head = "atom share_of_pictures mean_size_where_used norm largest_cosine most_alike_atom"
    columns = [facts[key] for key in ("share", "size", "norm", "cosine", "twin")]
    rows = zip(range(len(columns[0])), *columns, strict=True)
    return page.table(head.split(), rows)


dictionary_page()
