"""The data sets and dictionaries that a reader can choose, the server's and their own: what pages code, by which atoms.

A dictionary is chosen for the data at hand: one that ships, one learned here, or the reader's own. All solvers and the
certified optimum use it, on all pages.
"""

import hashlib
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from sc2viz import checkpoints, data, words
from sc2viz.draw.mosaics import Shape, shape_of, span
from sc2viz.jobs.dictionary_learning import Learning
from sc2viz.ui import known_codes, own, session, startup
from sc2viz.ui.domains import Names, Numbers, Switch, asked
from sc2viz.ui.untrusted import literal
from sc2viz.words import N_, _

YOURS, PATCH = own.data.NAME, own.patch.NAME
PHOTOGRAPHS = "photographs"  # stands for the dictionary and the networks for all patches of photographs; it is no data set
KNOWN = "known-codes"  # stands for the signals of the page Known codes (`known.Problem`); it is no data set of the menu
RECOVERY = "recovery"  # the folder of pretrained/ with the networks for them
UNTIL = (
    "mnist-5k"  # the data set that is shown while the reader has chosen theirs and brought no file
)
ABOUT = words.read(Path(__file__).with_suffix(".toml"))  # what each data set of the sidebar holds
TRUE, BROUGHT, LEARNED, OWN = (
    "true",
    "photograph",
    "learned",
    "own",
)  # the names of dictionaries that do not ship
ATOMS = 64  # atoms of a dictionary that is learned here, unless the reader asks for others
SIZES = (
    16,
    25,
    36,
    49,
    64,
    100,
    144,
    196,
    256,
)  # numbers of atoms of dictionaries that are learned here
EVERY = N_("every λ")
LAMBDAS = (
    EVERY,
    "0.01",
    "0.03",
    "0.1",
    "0.3",
    "1",
)  # the λ that a dictionary can be learned for here
ROWS = 5000  # of a training split, from which a dictionary is learned here


# Data -----------------------------------------------------------------------------------------------------------------


def names() -> dict[str, str]:
    """The data sets of the menu, and the words for them."""
    built_in = [name for name in data.available() if name in ABOUT]
    built_in.sort(key=list(ABOUT).index)
    brought = {PATCH: own.patch.LABEL} if own.patch.images() else {}
    return (
        brought
        | {name: name for name in (*built_in, *data.of_folder()[0])}
        | {YOURS: own.data.LABEL}
    )


@lru_cache
def overcomplete(name: str) -> bool:
    """Whether the first dictionary of a data set has more atoms than a row has numbers."""
    B = data.load(name, n_samples=2).dictionary if name in data.MADE else startup.dictionary(name)
    return B.shape[1] > B.shape[0]


def images(name: str, split: str = "test") -> data.Images:
    """A split of a data set; where the reader's own is asked for and there is none, of `UNTIL`, or of patches of
    photographs."""
    if name == KNOWN:
        return known_codes.images(known_codes.at_hand(), split)
    if name == PATCH:
        return own.patch.images(split) or startup.images(own.patch.TRAINED_ON, split)
    if name != YOURS:
        return startup.images(name, split)
    brought = session.OWN_DATA.get()
    return startup.images(UNTIL, split) if brought is None else brought[split == "test"]


def shown(name: str) -> str:
    """The data set that is shown where `name` is chosen."""
    return name if name != YOURS or session.OWN_DATA.get() else UNTIL


def drawn(images: data.Images) -> Shape:
    """How the rows of a data set are drawn."""
    return shape_of(images.pixels[:1000].numpy(), images.shape)


def peak(name: str) -> float:
    """The range of a data set's values, for PSNR: 1 for pictures, else the range of the scale on which rows are drawn."""
    return span(drawn(images(name)))


def file(name: str) -> str:
    """What `data.load` takes for a data set: its name, or the reader's file."""
    return {YOURS: session.OWN_DATA_FILE.get(), PATCH: own.patch.FILE}.get(name, name)


def python(name: str, split: str = "test") -> str:
    """The Python expression that loads a split of a data set."""
    return f'data.load({literal(file(name))}, split="{split}")'


# Dictionaries ---------------------------------------------------------------------------------------------------------


def options(name: str) -> dict[str, str]:
    """The dictionaries that can be chosen for a data set, the first by default, and the words for them."""
    name = shown(name)
    if name == KNOWN:
        return {TRUE: N_("the true one")}
    found = shipped(name)
    if name == PHOTOGRAPHS:
        return found
    if name == PATCH:
        came = own.patch.dictionary()
        mine = (
            {}
            if came is None
            else {
                BROUGHT: _("of the photograph, {atoms}", atoms=words.count(came.shape[1], "atom"))
            }
        )
        fits = came is None or len(came) == len(startup.dictionary(PHOTOGRAPHS))
        return mine | (found if fits else {}) | {OWN: N_("yours…")}
    if name in data.MADE:
        found[TRUE] = N_("the true one")
    return found | {LEARNED: N_("learned here"), OWN: N_("yours…")}


def shipped(name: str) -> dict[str, str]:
    """The dictionaries that ship for a data set, and the words for them; none for the reader's own."""
    name = shown(name)
    return dict(_shipped(name, words.language())) if name != YOURS else {}


@lru_cache(maxsize=64)
def _shipped(name: str, language: str) -> dict[str, str]:
    """The dictionaries that ship for a data set, and the words for them, which stay as they are while the server runs."""
    ship = checkpoints.dictionaries(startup.weights(name))
    return {
        each: _("shipped, {atoms}", atoms=words.count(startup.dictionary(each).shape[1], "atom"))
        for each in ship
    }


def chosen(name: str) -> str:
    """The dictionary in use for a data set: the one asked for, by the menu or else by the URL, where it is there."""
    name = shown(name)
    known, dictionary = session.IN_USE.get()
    if name == known:
        return dictionary
    found = options(name)
    # A link may have words of any language: to look for them in all takes a quarter of a second of a server's first page.
    key = (
        dictionary
        if known
        else asked("dictionary", lambda: Names(tuple(found), labels=partial(options, name)))
    )
    if key not in found or (
        key == OWN and own.dictionary.brought(images(name).pixels.shape[1]) is None
    ):
        return next(iter(found))
    return key


def learning(name: str) -> Learning | None:
    """The learning that the view of a data set waits for, or has waited for; None where its dictionary is another one."""
    name = shown(name)
    if chosen(name) != LEARNED:
        return None
    lam, atoms = (
        asked("learn_at", lambda: Names(LAMBDAS)) or EVERY,
        asked("learn", lambda: Numbers(SIZES)) or ATOMS,
    )
    rows = images(name, "train").pixels[:ROWS]
    return own.dictionary.learning(name, rows, atoms, None if lam == EVERY else float(lam))


def asks_for_others() -> bool:
    """Whether the reader asks for networks that were trained on other data, by the switch under the chips or by a link."""
    return bool(asked("others", Switch))


def families(name: str) -> set[str]:
    """What a network may note as its data to count as trained on a data set: its name, its file's, and that of the data set
    of which it is a part."""
    shown_name = shown(name)
    found = {name, shown_name, file(name), startup.weights(shown_name)}
    if name == KNOWN:
        return found | {"synthetic"}
    return (
        found
        | ({PHOTOGRAPHS} if name == PATCH else set())
        | ({images(name).name} if name == YOURS else set())
    )


def dictionary(name: str) -> Tensor:
    """The dictionary in use for a data set: (d_x, d_s), atoms in the unit ball."""
    name = shown(name)
    key = chosen(name)
    if key == OWN:
        return own.dictionary.brought(images(name).pixels.shape[1])
    if key == BROUGHT:
        return own.patch.dictionary()
    if key == LEARNED:
        return learning(name).dictionary
    return images(name).dictionary if key == TRUE else startup.dictionary(key)


def atoms(name: str) -> np.ndarray:
    """The same as an array: one while the dictionary lives, so that `cache` reads it once."""
    B = dictionary(name)
    return _arrays.setdefault(B, B.detach().numpy())


_arrays = WeakTensorKeyDictionary()


def private(name: str) -> bool:
    """Whether what is computed of a data set and its dictionary is the reader's alone."""
    return shown(name) in (YOURS, PATCH) or chosen(name) in (LEARNED, OWN)


def at_hand() -> bool:
    """Whether the data set or the dictionary at hand is the reader's alone, as the sidebar found."""
    return session.PRIVATE.get()


def mark(name: str) -> str:
    """What stands for the dictionary in use, in caches: its name, or a digest of its numbers."""
    if name == KNOWN:
        return known_codes.at_hand().mark
    key = chosen(name)
    return hashlib.sha256(dictionary(name).numpy()).hexdigest() if private(name) else key


def dictionary_python(name: str) -> str:
    """The lines of Python that make B, the dictionary in use for a data set."""
    name = shown(name)
    key = chosen(name)
    if key in (OWN, BROUGHT):  # the file of a patch holds its dictionary as well
        read = f'open({literal(own.dictionary.file_name() if key == OWN else own.patch.FILE)}, "rb").read()'
        d_x = images(name).pixels.shape[1]
        return (
            f"from sc2viz.files import dictionaries\nB, _ = dictionaries.dictionary({read}, {d_x})"
        )
    if key == LEARNED:
        atoms, lam = learning(name).asked
        rows = f"{python(name, 'train')}.pixels[:{ROWS}]"
        return f"from sc2viz import dictionary\nB = dictionary.learn({rows}, {atoms}, {lam})"
    return (
        f"B = {python(name)}.dictionary"
        if key == TRUE
        else f'B = checkpoints.load_dictionary("{key}")'
    )
