"""`sc2viz train`: a run is written on the way and where it is stopped, so that a kill loses a minute at most."""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sc2viz import checkpoints, data, dictionary, solvers, training
from sc2viz.cli import dictionaries, signals, torchrun
from sc2viz.cli.options import SHARED
from sc2viz.cli.table import RUN
from sc2viz.files import atomic
from sc2viz.training import losses
from sc2viz.training.settings import STORED

SAVE_EVERY = 60.0  # seconds after which a run is saved
SAVE_EPOCHS = 5.0  # seconds since the last save after which it is saved at the end of an epoch


def run(arguments: argparse.Namespace) -> None:
    """Train a solver and write it, also on the way and where the run is stopped."""
    if arguments.out:
        atomic.keep([arguments.out], [arguments.data, arguments.dictionary, arguments.start])
        atomic.probe(
            arguments.out
        )  # a file that cannot be written is found before the work, not after it
    resumed = arguments.resume and checkpoints.locate(arguments.resume)
    noted = checkpoints.notes(resumed) if resumed else {}
    options = {key: value for key, value in vars(arguments).items() if value is not None}
    run = {key: options.get(key, noted.get(key, default)) for key, default in RUN.items()}
    with torchrun.processes() as (processes, device):
        chief = processes is None or processes.rank == 0
        # A run from before there was a note of its rows was on all that there are.
        load = data.load if resumed and "rows" not in noted else data.to_learn_from
        images = load(options.get("data", noted.get("data", SHARED["--data"]["default"])))
        if not resumed:
            solver, start = _begin(arguments, run, images)
        elif not checkpoints.load_training(resumed):
            raise ValueError(f"{resumed} holds no state to resume from: train with --keep-state")
        else:
            solver, start = checkpoints.load(resumed), noted.get("dictionary")
        path = Path(arguments.out or resumed or default_name(images, solver, run))
        if chief:
            atomic.probe(path)
        # A file does not note a setting that is newer than the file; the run then had the default of Settings.
        settings = training.Settings()
        if not resumed:
            settings = training.recipe(solver, run["loss"], run["preset"])
        for name in STORED:
            default = noted.get(name, getattr(settings, name))
            setattr(settings, name, options.get(name, default))
        solver.to(device)
        all_rows = options.get("all_rows", noted.get("all_rows", False))
        notes = {"data": images.name, "rows": len(images), "dictionary": start}
        notes |= {**run, "all_rows": all_rows, **{name: getattr(settings, name) for name in STORED}}
        if arguments.start:
            notes["start"] = str(arguments.start)

        def save(event: training.Event) -> None:
            measured = {**vars(event)}
            del measured["state"]
            stopped = measured.pop("stopped")
            keep = not stopped or arguments.keep_state or path == resumed
            progress = {"stopped": stopped or "unfinished", "validation": measured}
            checkpoints.save(solver, path, notes | progress, event.state() if keep else None)

        events = training.fit(
            solver,
            images,
            settings=settings,
            resume=checkpoints.load_training(resumed) if resumed else None,
            processes=processes,
            **run,
            validation=training.hold_out(images)[1] if all_rows else None,
        )
        stops = signals.Stops(settings, breaks=processes is None)
        last = _follow(events, stops, run["epochs"], save if chief else None)
        if chief:
            if last.stopped not in ("finished", "plateau"):
                print(f"stopped after {last.epoch:.2f} of {run['epochs']} epochs: {last.stopped}")
            print(path)


def _begin(
    arguments: argparse.Namespace, run: dict[str, Any], images: data.Images
) -> tuple[solvers.Solver, str]:
    """The network that a new run begins with, and the digest of its dictionary."""
    if arguments.start:
        solver = _to_start_from(arguments.start, arguments.solver, images, run, arguments.norm)
        return solver, dictionary.digest(solver.dictionary)
    B, _ = dictionaries.for_data(images, arguments.atoms, run["seed"], arguments.dictionary)
    keys = "activation", "kappa", "norm", "k", "positive"
    options = {key: value for key in keys if (value := getattr(arguments, key)) is not None}
    options["preset"] = run["preset"]
    rows = images if arguments.all_rows else training.hold_out(images)[0]
    options = training.bounds(arguments.solver, rows, run["loss"], options) | options
    classes = _classes(images, run["loss"])
    solver = solvers.build(
        arguments.solver, B, arguments.steps, seed=run["seed"], classes=classes, **options
    )
    # Before the work, not after it
    solvers.finite(solver, solver(images.pixels[:2], training.Settings.measured_at))
    return solver, dictionary.digest(B)


def _follow(
    events: Iterator[training.Event],
    stops: signals.Stops,
    epochs: int,
    save: Callable[[training.Event], None] | None,
) -> training.Event:
    """Show and `save` what a run does until it ends, and return its last event. None: another process shows and saves."""
    bar_format = "{l_bar}{bar}| {n:.1f}/{total} epochs [{elapsed}<{remaining}{postfix}]"
    bar = tqdm(total=epochs, disable=save is None, bar_format=bar_format)
    with signals.handled(stops), bar:
        saved, epoch = time.monotonic(), 0
        for event in events:
            bar.update(event.epoch - bar.n)
            bar.set_postfix_str(
                f"F {event.objective:.3f}, {event.excess:.2f} % above exact codes on its atoms"
            )
            pause = time.monotonic() - saved
            due = pause > SAVE_EVERY or (int(event.epoch) > epoch and pause > SAVE_EPOCHS)
            if save is not None and (event.stopped or due):
                with stops.protected():
                    save(event)
                saved, epoch = time.monotonic(), int(event.epoch)
    return event


def _classes(images: data.Images, loss: str) -> int | None:
    """The classes of a softmax head; None where the loss uses no labels."""
    if loss in losses.LABELLED and images.labels is None:
        raise ValueError(
            f"{images.name} has no labels, which the loss {loss} needs: add y_train, or take another loss"
        )
    classes = images.n_classes if loss in losses.LABELLED else None
    if classes is not None and classes > data.MOST_CLASSES:
        raise ValueError(
            f"labels of {images.name} must be below {data.MOST_CLASSES:,}: number the classes 0, 1, 2, …"
        )
    return classes


def _to_start_from(
    name: str, expected: str, images: data.Images, run: dict[str, Any], norm: float | None
) -> solvers.Solver:
    """The network of a file, ready to train on; ValueError where it is another one than the run is asked to train.

    A network of an earlier version of the recommended recipe becomes one of today's, its new parameters 0. With `norm` it is
    bounded by that, and has other codes than before.
    """
    solver = checkpoints.load(name).requires_grad_(True)
    is_old = run["preset"] == "recommended" and solver.config.get("preset") in solvers.EARLIER
    if is_old or norm is not None:
        changes = {"preset": "recommended"} if is_old else {}
        changes |= {} if norm is None else {"norm": norm}
        weights = solver.state_dict()
        solver = solvers.build(**solver.config | changes, B=solver.dictionary)
        solver.load_state_dict(weights)
    classes, preset = _classes(images, run["loss"]), run["preset"]
    for key, value, wanted in (
        ("solver", solver.name, expected),
        ("preset", solver.config.get("preset", preset), preset),
        ("classes", solver.config.get("classes"), classes),
    ):
        if value != wanted:
            raise ValueError(
                f"{name} has {key} {value}, and the run {wanted}: take another, or ask for the same"
            )
    return solver


def default_name(images: data.Images, solver: solvers.Solver, run: dict[str, Any]) -> str:
    """Where a run is written without --out: in the working directory, named as files under pretrained/ are."""
    loss = "" if run["loss"] == "sc2net" else run["loss"]
    built = type(solver).traits.variant_of(solver.config, "sc2net") or (
        "paper" if run["preset"] == "paper" else ""
    )
    return "-".join(filter(None, (images.name, solver.name, loss, built))) + ".safetensors"
