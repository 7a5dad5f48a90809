"""`sc2viz train`: a run is written on the way and where it is stopped, so that a kill loses a minute at most."""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sc2viz import checkpoints, data, dictionary, solvers, training
from sc2viz.cli import dictionaries, signals, torchrun
from sc2viz.cli.options import TABLE
from sc2viz.files import atomic
from sc2viz.training import losses
from sc2viz.training.settings import STORED

SAVE_EVERY = 60.0  # seconds after which a run is saved
SAVE_EPOCHS = 5.0  # seconds since the last save after which it is saved at the end of an epoch


def run(arguments: argparse.Namespace) -> None:
    """Train a solver and write it, also on the way and where the run is stopped."""
    if arguments.out:
        atomic.keep([arguments.out], [arguments.data, arguments.dictionary, arguments.start])
        # A file that cannot be written is noticed before the work, not after it
        atomic.probe(arguments.out)
    resumed = arguments.resume and checkpoints.locate(arguments.resume)
    noted = checkpoints.notes(resumed) if resumed else {}
    options = noted | {key: value for key, value in vars(arguments).items() if value is not None}
    run = {key: options.get(key, default) for key, default in TABLE["run"].items()}
    with torchrun.processes() as (processes, device):
        chief = processes.rank == 0
        # A run from before there was a note of its rows was on all that there are.
        load = data.load if resumed and "rows" not in noted else data.to_learn_from
        images = load(run.pop("data"))
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
        stored = {name: options.get(name, getattr(settings, name)) for name in STORED}
        settings = replace(settings, **stored)
        solver.to(device)
        all_rows = options.get("all_rows", False)
        notes = {"data": images.name, "rows": len(images), "dictionary": start}
        notes |= {**run, "all_rows": all_rows, **stored}
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
        stops = signals.Stops(settings, breaks=processes.count == 1)
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
        solver = _load_start(arguments, images, run)
        return solver, dictionary.digest(solver.dictionary)
    B, _ = dictionaries.for_data(images, arguments.atoms, run["seed"], arguments.dictionary)
    keys = "activation", "kappa", "norm", "k", "positive"
    options = {key: value for key in keys if (value := getattr(arguments, key)) is not None}
    options["preset"] = run["preset"]
    rows = images if arguments.all_rows else training.hold_out(images)[0]
    options = training.bounds(arguments.solver, rows, run["loss"], options) | options
    solver = solvers.build(
        arguments.solver,
        B,
        arguments.steps,
        seed=run["seed"],
        classes=images.n_classes if run["loss"] in losses.LABELLED else None,
        **options,
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


def _load_start(
    arguments: argparse.Namespace, images: data.Images, run: dict[str, Any]
) -> solvers.Solver:
    """The network of a file, ready to train on; ValueError where it is another one than the run is asked to train.

    A network of an earlier version of the recommended recipe becomes one of today's, its new parameters 0. With --norm it is
    bounded by that, and has other codes than before.
    """
    solver, preset = checkpoints.load(arguments.start).requires_grad_(True), run["preset"]
    is_old = preset == "recommended" and solver.config.get("preset") in solvers.EARLIER
    changes = {"preset": preset} if is_old else {}
    if arguments.norm is not None:
        changes["norm"] = arguments.norm
    if changes:
        weights = solver.state_dict()
        solver = solvers.build(**solver.config | changes, B=solver.dictionary)
        solver.load_state_dict(weights)
    classes = images.n_classes if run["loss"] in losses.LABELLED else None
    for key, value, expected in (
        ("solver", solver.name, arguments.solver),
        ("preset", solver.config.get("preset", preset), preset),
        ("classes", solver.config.get("classes"), classes),
    ):
        if value != expected:
            raise ValueError(
                f"{arguments.start} has {key} {value}, and the run {expected}: take another, or ask for the same"
            )
    return solver


def default_name(images: data.Images, solver: solvers.Solver, run: dict[str, Any]) -> str:
    """Where a run is written without --out: in the working directory, named as files under pretrained/ are."""
    loss = "" if run["loss"] == "sc2net" else run["loss"]
    variant = type(solver).traits.variant_of(solver.config, "sc2net")
    variant = variant or ("paper" if run["preset"] == "paper" else "")
    return "-".join(filter(None, (images.name, solver.name, loss, variant))) + ".safetensors"
