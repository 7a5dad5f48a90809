"""The reader's own dictionary, and dictionaries learned for them. Both live in their session alone."""

import streamlit as st
from torch import Tensor

from sc2viz import patches, words
from sc2viz.files import dictionaries
from sc2viz.jobs.dictionary_learning import Film, Learning
from sc2viz.ui import schedulers, session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import NAMED, plain
from sc2viz.words import _

# Of a dictionary that a reader brings: its file, its atoms, and its numbers, which are kept as float32
MEGABYTES, MAX_ATOMS, MAX_NUMBERS = 20, 2048, memory.THINGS * 10**6 // 4
# The smallest and the largest side, in pixels, of patches whose atoms a reader may bring
SIDES = 4, 16


# From a file ----------------------------------------------------------------------------------------------------------


def brought(d_x: int | None) -> Tensor | None:
    """Return the dictionary (d_x, d_s) that the reader brought; None where there is none for rows of d_x numbers. d_x=None:
    for patches of photographs, of any size."""
    try:
        read = _read(d_x)
    except ValueError:
        return None
    return read and read[0]


def file_name() -> str:
    """Return the name of the file of the dictionary that the reader brought."""
    return session.own_dictionary[0]


def controls(d_x: int | None) -> None:
    """Draw a place to drop a dictionary's file, and what it holds or what is wrong with it. d_x=None: for patches of
    photographs."""
    rows = _("{n} numbers long", n=d_x)
    if d_x is None:
        low, high = SIDES
        rows = _("a square patch of {low} to {high} pixels a side, row by row", low=low, high=high)
    memory.uploader(
        "_dictionary_file",
        _("Your dictionary, ({d_x}, d_s): .npy, .npz or .safetensors", d_x=d_x or "d_x"),
        ["npy", "npz", "safetensors"],
        lambda file: take(file.name, file.getvalue()),
        MEGABYTES,
        _(
            "The array B, or the only one of the file: one atom in each column, {rows}. It stays in the server's memory "
            "until you close this page; nothing is stored.",
            rows=rows,
        ),
    )
    try:
        read = _read(d_x)
    except ValueError as error:
        st.warning(plain(f"{error}."), icon=":material/block:")
        return
    if read is None:
        st.caption(_("Choose a file; until then another dictionary is used."))
        return
    B, notes = read
    atoms, numbers = words.count(B.shape[1], "atom"), words.count(len(B), "number")
    size = _("{atoms} of {numbers}", atoms=atoms, numbers=numbers)
    st.caption(" ".join([f"**{plain(file_name(), NAMED)}**: {size}.", *notes]))


def take(name: str, content: bytes) -> None:
    """Take a file as the reader's own dictionary; ValueError where the session's memory has no room for it."""
    memory.check("own_dictionary", content, name)
    session.own_dictionary = (name, content, {})


def _read(d_x: int | None) -> tuple[Tensor, list[str]] | None:
    """Return the reader's B and sentences on what was done to it, read once for each d_x; None without a file, ValueError
    where B does not fit."""
    if session.own_dictionary is None:
        return None
    name, content, by_size = session.own_dictionary
    if d_x not in by_size:
        read = _read_content(content, d_x, name)
        memory.check("own_dictionary", (content, read), name)
        by_size[d_x] = read
    return by_size[d_x]


def _read_content(content: bytes, d_x: int | None, name: str) -> tuple[Tensor, list[str]]:
    """Read B from the content of a file, with sentences on what was done to it; ValueError where it does not fit rows of d_x
    numbers, or for d_x=None patches of photographs."""
    if d_x:
        return dictionaries.dictionary(content, d_x, name, MAX_ATOMS, MAX_NUMBERS)
    B, notes = dictionaries.patch_dictionary(content, name, MAX_ATOMS, most_numbers=MAX_NUMBERS)
    (side, _channels), (low, high) = patches.layout(len(B)), SIDES
    if not low <= side <= high:
        raise ValueError(
            f"B in {name} must be of patches of {low} to {high} pixels a side, got {side} ({len(B)} values)"
        )
    return B, notes


# Learned here ---------------------------------------------------------------------------------------------------------


def ensure_learning(name: str, x: Tensor, n_atoms: int, lam: float | None) -> Learning:
    """Return the reader's learning from the data set `name`, whose training rows are x; begin it, unless it was begun before
    with these options."""
    jobs, options = session.keep("learned", dict()), (n_atoms, lam)
    job = jobs.get(name)
    if job is None or job.asked != options:
        if job is not None:
            job.cancel()
        job = jobs[name] = Learning(x, *options, schedulers.scheduler("dictionaries"))
        job.start()
    memory.present()
    return job


def watch(film: Film) -> None:
    """Begin to learn a film, and cancel the one that was watched before."""
    if previous := session.film:
        previous.cancel()
    session.film = film
    film.start()
    memory.present()
