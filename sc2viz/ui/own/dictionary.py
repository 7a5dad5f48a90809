"""The reader's own dictionary, and dictionaries learned for them. Both live in their session alone."""

import streamlit as st
from torch import Tensor

from sc2viz import patches, words
from sc2viz.files import dictionaries
from sc2viz.jobs.dictionary_learning import Film, Learning
from sc2viz.ui import progress, schedulers, session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import NAMED, plain
from sc2viz.words import _

MEGABYTES, MOST_ATOMS = 20, 2048  # at most, of a dictionary's file that a reader brings
MOST_NUMBERS = memory.THINGS * 10**6 // 4  # of B, which is kept as float32
PATCHES = (
    4,
    16,
)  # the smallest and the largest side, in pixels, of patches whose atoms a reader may bring


# From a file ----------------------------------------------------------------------------------------------------------


def brought(d_x: int | None) -> Tensor | None:
    """The dictionary (d_x, d_s) that the reader brought; None where there is none for rows of d_x numbers. d_x=None: for
    patches of photographs, of any size."""
    try:
        found = _read(d_x)
    except ValueError:
        return None
    return found and found[0]


def file_name() -> str:
    """The name of the file of the dictionary that the reader brought."""
    return session.OWN_DICTIONARY.get()[0]


def controls(d_x: int | None) -> None:
    """Draw a place to drop a dictionary's file, and what it holds or what is wrong with it. d_x=None: for patches of
    photographs."""
    rows = (
        _("{n} numbers long", n=d_x)
        if d_x
        else _(
            "a square patch of {low} to {high} pixels a side, row by row",
            low=PATCHES[0],
            high=PATCHES[1],
        )
    )
    st.file_uploader(
        _("Your dictionary, ({d_x}, d_s): .npy, .npz or .safetensors", d_x=d_x or "d_x"),
        ["npy", "npz", "safetensors"],
        key="_dictionary_file",
        on_change=_take,
        max_upload_size=MEGABYTES,
        help=_(
            "The array B, or the only one of the file: one atom in each column, {rows}. It stays in the server's memory "
            "until you close this page; nothing is stored.",
            rows=rows,
        ),
    )
    try:
        found = _read(d_x)
    except ValueError as error:
        st.warning(plain(f"{error}."), icon=":material/block:")
        return
    if found is None:
        st.caption(_("Choose a file; until then another dictionary is used."))
    else:
        B, notes = found
        size = _(
            "{atoms} of {numbers}",
            atoms=words.count(B.shape[1], "atom"),
            numbers=words.count(len(B), "number"),
        )
        st.caption(" ".join([f"**{plain(file_name(), NAMED)}**: {size}.", *notes]))


def _take() -> None:
    file = memory.chosen("_dictionary_file")
    if file is not None:
        session.OWN_DICTIONARY.set((file.name, file.getvalue(), {}))
        memory.let_go(file)


def _read(d_x: int | None) -> tuple[Tensor, list[str]] | None:
    """The reader's B and what was done to it, read once for each d_x; None without a file, ValueError where B does not
    fit."""
    held = session.OWN_DICTIONARY.get()
    if held is None:
        return None
    name, content, known = held
    if d_x not in known:
        try:
            found = (
                dictionaries.dictionary(content, d_x, name, MOST_ATOMS, MOST_NUMBERS)
                if d_x
                else _of_patches(content, name)
            )
            memory.check(session.OWN_DICTIONARY, (content, found), name)
            known[d_x] = found
        except ValueError as error:
            known[d_x] = error
    if isinstance(known[d_x], ValueError):
        raise known[d_x]
    return known[d_x]


def _of_patches(content: bytes, name: str) -> tuple[Tensor, list[str]]:
    B, notes = dictionaries.patch_dictionary(content, name, MOST_ATOMS, most_numbers=MOST_NUMBERS)
    side, _channels = patches.layout(len(B))
    low, high = PATCHES
    if not low <= side <= high:
        raise ValueError(
            f"B in {name} must be of patches of {low} to {high} pixels a side, got {side} ({len(B)} values)"
        )
    return B, notes


# Learned here ---------------------------------------------------------------------------------------------------------


def learning(name: str, x: Tensor, n_atoms: int, lam: float | None) -> Learning:
    """The reader's learning from the data set `name`, whose training rows are x: begun now unless it was before."""
    known = session.LEARNED.kept(dict)
    asked = n_atoms, lam
    if name not in known or known[name].asked != asked:
        if name in known:
            known[name].cancel()
        known[name] = Learning(x, *asked, schedulers.scheduler("dictionaries"))
        known[name].start()
    present()
    return known[name]


# Watched while it is learned ------------------------------------------------------------------------------------------


def watch(film: Film) -> None:
    """Begin to learn a film, and cancel the one that was watched before."""
    if earlier := session.FILM.get():
        earlier.cancel()
    session.FILM.set(film)
    film.start()
    present()


def take(name: str, content: bytes) -> None:
    """Take a file as the reader's own dictionary; ValueError where the session's memory has no room for it."""
    memory.check(session.OWN_DICTIONARY, content, name)
    session.OWN_DICTIONARY.set((name, content, {}))


# The reader -----------------------------------------------------------------------------------------------------------


def present() -> None:
    """Note that the reader is here. When their connection ends, the dictionaries that are learned for them are told."""
    progress.here(
        "dictionaries", [*session.LEARNED.get().values(), *filter(None, [session.FILM.get()])]
    )
