"""`sc2viz live`: a site in which readers see sparse coding step by step, without a server."""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from sc2viz import checkpoints, data, defaults, lasso, solvers, words
from sc2viz.browser.site import DataSet, data_set, name_of, site
from sc2viz.cli import dictionaries
from sc2viz.draw.mosaics import shape_of
from sc2viz.files import atomic
from sc2viz.ui.tours.static import static

PICTURES = 100  # of the test split
TOURS = ("ten-minutes",)  # of the app
FONTS = {
    "sans.woff2": "SourceSansVF-Upright",
    "serif.woff2": "SourceSerifVariable-Roman",
}  # the app's, by Streamlit's files


def run(arguments: argparse.Namespace) -> None:
    """Write the site of data sets."""
    atomic.probe(arguments.out, atomic.replacing_folder)
    sets, *others = (_spoken(language, arguments) for language in words.offered())
    translated = dict(zip(words.offered()[1:], others, strict=True))
    made = site(sets, link=arguments.link, fonts=fonts(), translated=translated)
    file = made.save(arguments.out)
    size = sum(map(len, made.files.values())) / 1e6
    told = {
        each["name"]: [one["label"] for one in each["solvers"]]
        for each in (one.about for one in sets)
    }
    said = "; ".join(f"{name}: {', '.join(labels)}" for name, labels in told.items())
    print(f"{file}: {size:.1f} MB in {len(made.files)} files. {said}", file=sys.stderr)
    for note in (
        note
        for each in sets
        for note in [*each.notes, *(one["why"] for one in each.about["absent"])]
    ):
        print(f"warning: {note}", file=sys.stderr)


def _spoken(language: str, arguments: argparse.Namespace) -> list[DataSet]:
    """The data sets of the site in a language."""
    with words.speaking(language):
        return [_data_set(name, arguments) for name in arguments.data]


def _data_set(name: str, arguments: argparse.Namespace) -> DataSet:
    images = data.load(name, split="test")
    B, family = dictionaries.for_data(data.load(name, split="train"), arguments.atoms, seed=0)
    asked = arguments.solvers is not defaults.SITE
    x = images.pixels[:PICTURES]
    found = {each: _solver(each, B, family, asked) for each in arguments.solvers}
    absent = {
        each: why + _runs_away(each, x, B, arguments)
        for each, why in found.items()
        if isinstance(why, str)
    }
    chosen = [one for one in found.values() if not isinstance(one, str)]
    shape = shape_of(images.pixels.numpy(), images.shape)
    classes = images.classes or ()
    digits = bool(classes) and all(each.isdigit() for each in classes)
    noun = "digit" if digits else "patch" if name.endswith("patches") else "picture"
    kind = "row" if images.shape is None else "picture"
    labels = [None] * PICTURES if images.labels is None else images.labels[:PICTURES].tolist()
    called = [
        None if label is None else classes[label] if classes else str(label)
        for label in labels[: len(images)]
    ]
    names = [name_of(row, word, kind) for row, word in enumerate(called)]
    return data_set(
        x,
        B,
        chosen,
        name=images.name,
        lam=arguments.lam,
        steps=arguments.T,
        shape=shape,
        names=names,
        noun=noun,
        absent=absent,
        tours=[static(tour, images.name) for tour in TOURS],
    )


def _solver(name: str, B: Tensor, family: str, asked: bool) -> solvers.Solver | str:
    """A solver as it is shipped for the atoms of a family or else untrained, by its name; or a network by its path. The
    reason where these atoms do not suit it, and for an untrained network that nobody has `asked` for."""
    if f"{family}/{name}" in checkpoints.available(family):
        return checkpoints.load(f"{family}/{name}")
    if name not in solvers.NAMES:
        return checkpoints.load(name)
    try:
        solver = solvers.build(name, B)
    except ValueError as error:
        return f"{error}."
    if asked or not solver.traits.learned:
        return solver
    if solver.traits.aims_at == "code":
        return f"{solver.label} learns from pictures whose true codes are known, and nobody knows those of these pictures."
    return f"No network of {solver.label} has been trained for these atoms."


@torch.no_grad()
def _runs_away(name: str, x: Tensor, B: Tensor, arguments: argparse.Namespace) -> str:
    """On how many of the pictures x (n, d_x) a solver runs away, built on these atoms without training; "" for none, and
    where it is not built."""
    try:
        codes = solvers.build(name, B)(x, arguments.lam, arguments.T)
    except ValueError:
        return ""
    away = int((~(lasso.objective(x, codes, B, arguments.lam) <= x.square().sum(1) + 1e-6)).sum())
    return (
        f" Untrained, it runs away on {away} of the {len(x)} pictures: F is above 2 F(0)."
        if away
        else ""
    )


def fonts() -> dict[str, bytes]:
    """The app's fonts, which Streamlit brings along."""
    found = find_spec("streamlit")
    folder = (
        Path(found.origin).parent / "static" / "static" / "media"
        if found and found.origin
        else Path()
    )
    files = (
        {name: next(folder.glob(f"{stem}*.woff2"), None) for name, stem in FONTS.items()}
        if folder.name
        else {}
    )
    return {name: file.read_bytes() for name, file in files.items() if file}
