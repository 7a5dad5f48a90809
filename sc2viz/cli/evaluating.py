"""`sc2viz evaluate`: the solvers and the networks of a data set, side by side.

F ranks those that aim at it and have no offset. The others stand below a line, with their F but no distance. What fails,
or does not fit the data, costs its own line and nothing else.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from sc2viz import checkpoints, data, defaults, dictionary, evaluation, solvers, training, words
from sc2viz.analysis import sweeps, unusual
from sc2viz.cli import dictionaries
from sc2viz.solvers import failing

Solvers = dict[str, solvers.Solver]  # by the names of their lines


class Evaluation(NamedTuple):
    """What every solver is measured on."""

    arguments: argparse.Namespace
    train: data.Images
    test: data.Images  # the test split, or the rows of the training split that are held out
    B: Tensor  # (d_x, d_s), the dictionary that all share


def run(arguments: argparse.Namespace) -> None:
    """Every solver of a data set on its test split, beside ISTA and FISTA, at each λ."""
    train, test = (data.load(arguments.data, split=split) for split in ("train", "test"))
    if arguments.accuracy and (train.labels is None or test.labels is None):
        raise ValueError(
            f"{arguments.data} has no labels, which --accuracy needs: leave it out, or add y_train and y_test"
        )
    if arguments.held_out:
        test = training.hold_out(train)[1]
    rows = words.count(len(test), "held-out training row" if arguments.held_out else "test row")
    B, family = dictionaries.for_data(train, arguments.atoms, seed=0, file=arguments.dictionary)
    task, compared = Evaluation(arguments, train, test, B), _solvers(arguments, train, B, family)
    ranked = {name: solver for name, solver in compared.items() if solver.is_ranked}
    others = {name: solver for name, solver in compared.items() if not solver.is_ranked}
    for lam in arguments.lam:
        converged = dictionary.converged(train, B.shape[1], lam) if arguments.converged else None
        print(f"{test.name}, {rows}, lambda = {lam:g}")
        describe = partial(_describe, task, lam, converged)
        _print_lines(ranked, describe)
        if others:
            print(
                "  what aims at something else than F, or has an offset, so that F does not rank it:"
            )
            _print_lines(others, describe)
    if arguments.unusual:
        lambdas = ", ".join(f"{lam:g}" for lam in arguments.lam)
        horizons = ", ".join(map(str, unusual.HORIZONS))
        print(
            f"F over F(0) on unusual pictures, the largest of lambda = {lambdas} and T = {horizons}"
        )
        _print_lines(ranked, partial(_describe_on_unusual_pictures, task))


def _print_lines(
    compared: Solvers, describe: Callable[[str, solvers.Solver], Iterator[str]]
) -> None:
    """Print the lines of each solver, or why it has none."""
    for name, solver in compared.items():
        try:
            with failing.name_failures(solver):
                print("\n".join(describe(name, solver)), flush=True)
        except failing.Failed as error:
            print(f"  {name:32} {error}", flush=True)


def _describe_on_unusual_pictures(
    task: Evaluation, name: str, solver: solvers.Solver
) -> Iterator[str]:
    """F over F(0) of a solver on pictures of other kinds, the largest over λ and T of each kind."""
    table = unusual.table(solver, task.test, lambdas=task.arguments.lam)
    count, cells = unusual.count_run_away(table)
    kinds = ", ".join(f"{kind} {cell.max():.3g}" for kind, cell in table.items())
    yield f"  {name:32} {count} of {cells} cells above {unusual.RUNS_AWAY:g}: {kinds}"


def _solvers(arguments: argparse.Namespace, images: data.Images, B: Tensor, family: str) -> Solvers:
    """The solvers by the names of their lines: the untrained ones, and those that are asked for.

    None asked for: the networks that ship for a data set, `family` being its folder under pretrained/, then the reader's
    own solvers, and their networks. Which of these two do not fit is printed, with the reason.
    """
    compared = {name: solvers.build(name, B) for name in defaults.UNTRAINED}
    for name in arguments.model or ():
        is_untrained = name in solvers.NAMES and not Path(name).exists()
        compared[name] = solvers.build(name, B) if is_untrained else _network(name, images)
    if arguments.model:
        return compared
    shipped = [name for name in checkpoints.available() if family and name.startswith(f"{family}/")]
    compared |= {name: checkpoints.load(name) for name in shipped}
    guests = [name for name in solvers.NAMES if failing.is_guest(solvers.solver_class(name))]
    for guest in (*guests, *checkpoints.own_networks()[0]):
        is_file = isinstance(guest, Path)
        name = guest.name if is_file else guest
        try:
            built = _network(guest, images, alike=True) if is_file else solvers.build(guest, B)
            compared[name] = built
        except ValueError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    return compared


def _network(name: str, images: data.Images, alike: bool = False) -> solvers.Solver:
    """The network of a file; ValueError where it takes rows of another length, and with `alike` other data."""
    header, wide = checkpoints.header(name), images.pixels.shape[1]
    if header.d_x != wide:
        raise ValueError(
            f"{name} takes rows of {header.d_x} numbers, and those of {images.name} have {wide}"
        )
    if alike and (learned := _other_data(header.notes, images)):
        raise ValueError(
            f"it was trained on {learned}: name it after --model to see it on {images.name} all the same"
        )
    return checkpoints.load(name).float()  # as data are, whatever a file has


def _other_data(notes: dict, images: data.Images) -> str:
    """The data that a network was trained on, where they are others than `images`; else ""."""
    noted = notes.get("data") or images.name
    return "" if data.weights(noted) == data.weights(images.name) else noted


def _describe(
    task: Evaluation, lam: float, converged: Tensor | None, name: str, solver: solvers.Solver
) -> Iterator[str]:
    """The lines of one solver at one λ."""
    options, test, notes = task.arguments, task.test, getattr(solver, "notes", {})
    numbers = evaluation.yardsticks(solver, test.pixels, lam, task.B, converged)
    if not math.isfinite(numbers["F"]):
        solvers.finite(solver, evaluation.encode(solver, test.pixels, lam))
    fields = [f"  {name:32} F {numbers['F']:{'8.4f' if numbers['F'] < 1e4 else '8.1e'}}"]
    if solver.is_ranked:
        fields.append(f"{numbers['rank']:+7.2f} % from the optimum")
        fields.append(f"{numbers['above_own']:+7.2f} % from exact codes on its own atoms")
    if not notes and solver.traits.learned:
        fields.append("untrained")
    if learned := _other_data(notes, task.train):
        fields.append(f"trained on {learned}")
    if options.held_out and notes.get("all_rows"):
        fields.append("trained on these rows as well")
    if converged is not None and solver.is_ranked:
        gap = numbers["above_converged"]
        fields.append(f"{gap:+7.2f} % from a dictionary learned at this lambda")
    if options.accuracy:
        codes, test_codes = (
            evaluation.encode(solver, images.pixels, lam) for images in (task.train, test)
        )
        share = evaluation.logistic_regression(task.train, codes, test, test_codes)
        fields.append(f"logistic regression {100 * share:.2f} %")
        if solver.C is not None:
            right = (solver.head(test_codes).argmax(1) == test.labels).double().mean().item()
            fields[-1] += f", softmax head {100 * right:.2f} %"
    yield "   ".join(fields)
    if options.spread and solver.is_ranked:
        picked = numbers["distances"][evaluation.subset(len(test))]
        quantiles = picked.quantile(picked.new_tensor(evaluation.QUANTILES)).tolist()
        pairs = zip(evaluation.QUANTILES, quantiles, strict=True)
        spread = ", ".join(f"{100 * share:g} %: {value:+.2f}" for share, value in pairs)
        count = words.count(len(picked), "picture")
        yield f"    quantiles of % from the optimum over {count}: {spread}"
    if options.horizons and solver.is_ranked:
        guard = sweeps.guard(solver)
        gaps = evaluation.beyond(solver, test.pixels, lam, options.horizons, guard=guard).tolist()
        pairs = zip(options.horizons, gaps, strict=True)
        course = ", ".join(f"T = {T}: {mean:.2f} ({worst:.2f})" for T, (mean, worst) in pairs)
        if guard is not None and guard < max(options.horizons):
            course += f"; with the safeguard beyond T = {guard}"
        yield f"    % above exact codes on its own atoms, and of the worst sample: {course}"
