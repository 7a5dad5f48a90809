"""`sc2viz live`: a site in which readers see sparse coding step by step, without a server."""

import argparse
import sys
from importlib.resources import files
from pathlib import Path

import torch
from torch import Tensor

from sc2viz import checkpoints, data, defaults, lasso, solvers, words
from sc2viz.browser.site import site
from sc2viz.browser.site_data import DataSet, data_set, name_of
from sc2viz.cli import dictionaries
from sc2viz.draw.mosaics import shape_of
from sc2viz.files import atomic
from sc2viz.ui.tours.exports import export_tour

PICTURES = 100  # of the test split
TOURS = ("ten-minutes",)  # of the app
FONTS = {
    "sans.woff2": "SourceSansVF-Upright",
    "serif.woff2": "SourceSerifVariable-Roman",
}  # the app's, by Streamlit's files


def run(arguments: argparse.Namespace) -> None:
    """Write the site of data sets."""
    atomic.probe(arguments.out, atomic.replacing_folder)
    languages = {}
    for language in words.offered():
        with words.speaking(language):
            languages[language] = [_data_set(name, arguments) for name in arguments.data]
    sets = languages.pop(words.offered()[0])
    written = site(sets, link=arguments.link, fonts=fonts(), translated=languages)
    file, size = written.save(arguments.out), sum(map(len, written.files.values())) / 1e6
    print(f"{file}: {size:.1f} MB in {len(written.files)} files", file=sys.stderr)
    for site_set in sets:
        labels = ", ".join(solver["label"] for solver in site_set.about["solvers"])
        print(f"{site_set.about['name']}: {labels}", file=sys.stderr)
        for note in (*site_set.notes, *(solver["why"] for solver in site_set.about["absent"])):
            print(f"warning: {note}", file=sys.stderr)


def _data_set(name: str, arguments: argparse.Namespace) -> DataSet:
    """A data set of the site in the language that is spoken."""
    images = data.load(name, split="test")
    B, family = dictionaries.for_data(data.load(name, split="train"), arguments.atoms, seed=0)
    x, is_asked = images.pixels[:PICTURES], arguments.solvers is not defaults.SITE
    chosen, absent = [], {}
    for solver in arguments.solvers:
        built = _solver(solver, B, family, is_asked)
        if isinstance(built, str):
            absent[solver] = built + _describe_runaway(solver, x, B, arguments)
        else:
            chosen.append(built)
    classes = images.classes or ()
    is_of_digits = bool(classes) and all(label.isdigit() for label in classes)
    noun = "digit" if is_of_digits else "patch" if name.endswith("patches") else "picture"
    labels = [None] * len(x) if images.labels is None else images.labels[:PICTURES].tolist()
    kind = "row" if images.shape is None else "picture"
    names = [
        name_of(row, None if label is None else classes[label] if classes else str(label), kind)
        for row, label in enumerate(labels)
    ]
    return data_set(
        x,
        B,
        chosen,
        name=images.name,
        lam=arguments.lam,
        steps=arguments.T,
        shape=shape_of(images.pixels.numpy(), images.shape),
        names=names,
        noun=noun,
        absent=absent,
        tours=[export_tour(tour, images.name) for tour in TOURS],
    )


def _solver(name: str, B: Tensor, family: str, is_asked: bool) -> solvers.Solver | str:
    """A solver as it is shipped for the atoms of a family or else untrained, by its name; or a network by its path. The
    reason where these atoms do not suit it, and for an untrained network that nobody has asked for."""
    if f"{family}/{name}" in checkpoints.available(family):
        return checkpoints.load(f"{family}/{name}")
    if name not in solvers.NAMES:
        return checkpoints.load(name)
    try:
        solver = solvers.build(name, B)
    except ValueError as error:
        return f"{error}."
    if is_asked or not solver.traits.learned:
        return solver
    if solver.traits.aims_at == "code":
        return f"{solver.label} learns from pictures whose true codes are known, and nobody knows those of these pictures."
    return f"No network of {solver.label} has been trained for these atoms."


@torch.no_grad()
def _describe_runaway(name: str, x: Tensor, B: Tensor, arguments: argparse.Namespace) -> str:
    """On how many of the pictures x (n, d_x) a solver runs away, built on these atoms without training; "" for none, and
    where it is not built."""
    try:
        codes = solvers.build(name, B)(x, arguments.lam, arguments.T)
    except ValueError:
        return ""
    F = lasso.objective(x, codes, B, arguments.lam)
    count = int((~(x.square().sum(1) + 1e-6 >= F)).sum())
    sentence = f" Untrained, it runs away on {count} of the {len(x)} pictures: F is above 2 F(0)."
    return sentence if count else ""


def fonts() -> dict[str, bytes]:
    """The app's fonts, which Streamlit brings along."""
    folder = Path(str(files("streamlit"))) / "static" / "static" / "media"
    return {
        name: file.read_bytes()
        for name, stem in FONTS.items()
        for file in folder.glob(f"{stem}*.woff2")
    }
