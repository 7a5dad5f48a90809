"""The data sets and dictionaries that a reader can choose, the server's and their own: what pages code, by which atoms.

A dictionary is chosen for the data at hand: one that ships, one learned here, or the reader's own. All solvers and the
certified optimum use it, on all pages.
"""

import hashlib
from functools import lru_cache, partial
from pathlib import Path

from torch import Tensor

from sc2viz import checkpoints, data, words
from sc2viz.draw.mosaics import Shape, shape_of, span
from sc2viz.jobs.dictionary_learning import Learning
from sc2viz.ui import known_codes, own, session, startup
from sc2viz.ui.domains import Names, Numbers, Switch, current
from sc2viz.ui.untrusted import literal
from sc2viz.words import N_, _

YOURS, PATCH = own.data.NAME, own.patch.NAME
# These two are no data sets of the menu: all patches of photographs, and the signals of Known codes.
PHOTOGRAPHS, KNOWN_CODES = "photographs", "known-codes"
UNTIL = "mnist-5k"  # is shown while the reader has chosen their data and brought no file
ABOUT = words.read(Path(__file__).with_suffix(".toml"))  # what each data set of the sidebar holds
# The names of dictionaries that do not ship
TRUE, BROUGHT, LEARNED, FROM_FILE = "true", "photograph", "learned", "own"
# Of dictionaries that are learned here: how many atoms, the λ, and how many training rows
ATOMS, SIZES = 64, (16, 25, 36, 49, 64, 100, 144, 196, 256)
EVERY = N_("every λ")
LAMBDAS = (EVERY, "0.01", "0.03", "0.1", "0.3", "1")
ROWS = 5000


# Data -----------------------------------------------------------------------------------------------------------------


def names() -> dict[str, str]:
    """Return the data sets of the menu, with the words for each."""
    patch = {PATCH: own.patch.LABEL} if own.patch.images() else {}
    available = data.available()
    on_server = [*(name for name in ABOUT if name in available), *data.of_folder()[0]]
    return patch | {name: name for name in on_server} | {YOURS: own.data.LABEL}


@lru_cache
def overcomplete(name: str) -> bool:
    """Whether the first dictionary of a data set has more atoms than a row has numbers."""
    B = (
        data.load(name, n_samples=2).dictionary
        if name in data.GENERATED
        else startup.dictionary(name)
    )
    return B.shape[1] > B.shape[0]


def images(name: str, split: str = "test") -> data.Images:
    """Return a split of a data set; where the reader's own is asked for and there is none, of `UNTIL`, or of patches of
    photographs."""
    if name == KNOWN_CODES:
        return known_codes.images(known_codes.current_problem(), split)
    if name == PATCH:
        return own.patch.images(split) or startup.images(own.patch.TRAINED_ON, split)
    if name == YOURS and (splits := session.own_data):
        return splits[split == "test"]
    return startup.images(resolve(name), split)


def resolve(name: str) -> str:
    """Return the data set that is shown where `name` is chosen: `UNTIL` for the reader's own while there is none."""
    return name if name != YOURS or session.own_data else UNTIL


def row_shape(images: data.Images) -> Shape:
    """Return how the rows of a data set are drawn: as pictures, or as lines."""
    return shape_of(images.pixels[:1000].numpy(), images.shape)


def peak(name: str) -> float:
    """Return the range of a data set's values, for PSNR: 1 for pictures, else the range of the scale on which rows are
    drawn."""
    return span(row_shape(images(name)))


def file(name: str) -> str:
    """Return what `data.load` takes for a data set: its name, or the reader's file."""
    return {YOURS: session.own_data_file, PATCH: own.patch.FILE}.get(name, name)


def python(name: str, split: str = "test") -> str:
    """Return the Python expression that loads a split of a data set."""
    return f'data.load({literal(file(name))}, split="{split}")'


def families(name: str) -> set[str]:
    """Return what a network may note as its data to count as trained on a data set: its name, its file's, and that of the
    data set of which it is a part."""
    family = {PATCH: PHOTOGRAPHS, KNOWN_CODES: "synthetic"}.get(name, name)
    return {name, resolve(name), file(name), startup.weights(resolve(name)), family}


def asks_for_others() -> bool:
    """Whether the reader asks for networks that were trained on other data, by the switch under the chips or by a link."""
    return bool(current("others", Switch))


# Dictionaries ---------------------------------------------------------------------------------------------------------


def options(name: str) -> dict[str, str]:
    """Return the dictionaries that can be chosen for a data set, the first by default, with the words for each."""
    name = resolve(name)
    if name == KNOWN_CODES:
        return {TRUE: N_("the true one")}
    labels = shipped(name)
    if name == PHOTOGRAPHS:
        return labels
    if name == PATCH:
        if (B := own.patch.brought().dictionary) is None:
            return labels | {FROM_FILE: N_("yours…")}
        atoms = words.count(B.shape[1], "atom")
        fits = len(B) == len(startup.dictionary(PHOTOGRAPHS))
        of_photograph = {BROUGHT: _("of the photograph, {atoms}", atoms=atoms)}
        return of_photograph | (labels if fits else {}) | {FROM_FILE: N_("yours…")}
    if name in data.GENERATED:
        labels[TRUE] = N_("the true one")
    return labels | {LEARNED: N_("learned here"), FROM_FILE: N_("yours…")}


def shipped(name: str) -> dict[str, str]:
    """Return the dictionaries that ship for a data set, with the words for each; none for the reader's own."""
    name = resolve(name)
    return dict(_label_shipped(name, words.language())) if name != YOURS else {}


@lru_cache(maxsize=64)
def _label_shipped(name: str, language: str) -> dict[str, str]:
    """Return what `shipped` does, in a language. It stays as it is while the server runs."""
    return {
        key: _("shipped, {atoms}", atoms=words.count(startup.dictionary(key).shape[1], "atom"))
        for key in checkpoints.dictionaries(startup.weights(name))
    }


def chosen(name: str) -> str:
    """Return the name of the dictionary in use for a data set: the one asked for, by the menu or else by the URL, where it is
    there; else the first."""
    name = resolve(name)
    in_use, key = session.in_use
    if name == in_use:
        return key
    labels = options(name)
    # A link may have words of any language: to look for them in all takes a quarter of a second of a server's first page.
    if not in_use:
        key = current("dictionary", lambda: Names(tuple(labels), labels=partial(options, name)))
    if key in labels and (
        key != FROM_FILE or own.dictionary.brought(images(name).pixels.shape[1]) is not None
    ):
        return key
    return next(iter(labels))


def ensure_learning(name: str) -> Learning | None:
    """Return the learning that the view of a data set waits for, or has waited for, begun now unless it was before; None
    where its dictionary is another one."""
    name = resolve(name)
    if chosen(name) != LEARNED:
        return None
    lam = current("learn_at", lambda: Names(LAMBDAS)) or EVERY
    atoms = current("learn", lambda: Numbers(SIZES)) or ATOMS
    rows = images(name, "train").pixels[:ROWS]
    return own.dictionary.ensure_learning(name, rows, atoms, None if lam == EVERY else float(lam))


def dictionary(name: str) -> Tensor:
    """Return the dictionary in use for a data set: (d_x, d_s), atoms in the unit ball. One that is learned here begins to be
    learned."""
    name = resolve(name)
    key = chosen(name)
    if key == FROM_FILE:
        return own.dictionary.brought(images(name).pixels.shape[1])
    if key == BROUGHT:
        return own.patch.brought().dictionary
    if key == LEARNED:
        return ensure_learning(name).dictionary
    return images(name).dictionary if key == TRUE else startup.dictionary(key)


def private(name: str) -> bool:
    """Whether what is computed of a data set and its dictionary is the reader's alone."""
    return resolve(name) in (YOURS, PATCH) or chosen(name) in (LEARNED, FROM_FILE)


def mark(name: str) -> str:
    """Return what stands for the dictionary in use, in caches: its name, or a digest of its numbers."""
    if name == KNOWN_CODES:
        return known_codes.current_problem().mark
    return hashlib.sha256(dictionary(name).numpy()).hexdigest() if private(name) else chosen(name)


def dictionary_python(name: str) -> str:
    """Return the lines of Python that make B, the dictionary in use for a data set."""
    name = resolve(name)
    key = chosen(name)
    if key in (FROM_FILE, BROUGHT):  # the file of a patch holds its dictionary as well
        path = literal(own.dictionary.file_name() if key == FROM_FILE else own.patch.FILE)
        arguments = f'open({path}, "rb").read(), {images(name).pixels.shape[1]}'
        return f"from sc2viz.files import dictionaries\nB, _ = dictionaries.dictionary({arguments})"
    if key == LEARNED:
        atoms, lam = ensure_learning(name).asked
        rows = f"{python(name, 'train')}.pixels[:{ROWS}]"
        return f"from sc2viz import dictionary\nB = dictionary.learn({rows}, {atoms}, {lam})"
    if key == TRUE:
        return f"B = {python(name)}.dictionary"
    return f'B = checkpoints.load_dictionary("{key}")'
