"""The downloads of Train live: the pictures, the numbers, the network, and the Python that repeats the run."""

import math

import numpy as np
import streamlit as st

from sc2viz import checkpoints, defaults, training
from sc2viz.draw import atoms, mosaics, sheet, style
from sc2viz.jobs import training_job
from sc2viz.pages.train import describe_training, lessons
from sc2viz.pages.train import setup as setups
from sc2viz.ui import describe_models, models, own, page, phrases, sets, url
from sc2viz.ui.untrusted import literal, plain
from sc2viz.ui.widgets import linked_html

_NUMBERS = ("step", "epoch", "loss", "lam", "printed", "objective", "optimum", "excess", "nonzero", "accuracy",
            "gradient_norm", "samples_per_second")  # fmt: skip


FILMED = 240  # px that a picture of the film is wide
_SETTINGS = ("rate", "dictionary_rate", "lam", "cross_entropy", "project", "tilt", "at_highest", "horizon", "clip")
_LEADS = ("compare", "step", "lambda", "gates")  # addresses of the pages that show the reader's network

_CONTINUED = "# The run went on after its end with a second schedule of the rate. This code has one, so its numbers differ."


def lead_on(data: str) -> None:
    """Links to the pages that show the reader's network; none if its pictures are not those of `data`."""
    yours = next((model for model in models.choices(data).values() if model.mark), None)
    if yours is None:
        return
    if problem := describe_models.problem(yours):
        there = plain(sets.names()[own.network.job().setup.data])
        why = f"No other page shows {yours.label} here: it {plain(problem)}."
        page.notes([f"{why} Choose {there} in the sidebar to see it there."])
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lead-on"):
        st.markdown(f":material/neurology: Open **{yours.label}**, {yours.note}, in", width="content")
        labels = [*map(style.label, defaults.UNTRAINED), yours.label]
        for path in _LEADS:
            if path != "gates" or yours.traits.gates:
                st.page_link(linked_html.pages()[path], query_params={"solvers": labels})


def files(job: training_job.Job, model: models.Model, measured: dict) -> list[page.File]:
    name, dark = f"sc2viz-training-{job.setup.data}-{job.setup.solver}", st.context.theme.type == "dark"
    return [
        page.png(name, lambda: mosaics.png(_sheet(job, model, measured, job.frame))),
        page.film(name, lambda: [_sheet(job, model, measured, frame, FILMED, dark) for frame in job.frames]),
        page.csv(name, lambda: _table(job)),
        page.File(
            "Network (.safetensors)",
            f"{job.setup.solver}-yours.safetensors",
            "application/octet-stream",
            lambda: checkpoints.dump(job.network(), _notes(job)),
            ":material/neurology:",
        ),  # fmt: skip
    ]


def _notes(job: training_job.Job) -> dict:
    """The settings and changes of the run, for the checkpoint."""
    settings = {key: getattr(job.settings, key) for key in _SETTINGS}
    changes = [[step, values] for step, values in job.changes]
    return {**vars(job.setup), **settings, "changes": changes, "steps_trained": job.step}


def _table(job: training_job.Job) -> str:
    gates = list(job.solver.traits.gates)
    rows = ([*(getattr(event, name) for name in _NUMBERS), *map(event.gates.get, gates)] for event in [*job.history])
    return page.table([*_NUMBERS, *gates], rows)


def _sheet(job: training_job.Job, model: models.Model, measured: dict, frame: training_job.Frame, side: int = 320,
           dark: bool = False) -> np.ndarray:  # fmt: skip
    """The atoms of a frame, the test pictures and their reconstructions."""
    shape, truth = sets.drawn(job.tests), job.pictures.numpy()
    tiles = atoms.tiles(frame.atoms, shape)
    coloured = style.DIVERGING_TABLE[dark][tiles] if tiles.ndim == 3 else tiles
    drawn = mosaics.mosaic(coloured.reshape(len(tiles), -1) / 255, (*tiles.shape[1:3], 3))
    made = frame.made.astype(np.float32)
    errors = [mosaics.error(truth, values, shape) for values in (made, measured["made"])]
    top = mosaics.shared_top(errors, most=mosaics.span(shape))

    def column(name: str, solver: str, values: np.ndarray, lines: list[str]) -> sheet.SheetColumn:
        wrong = mosaics.error_mosaic(mosaics.error(truth, values, shape), top)
        return sheet.SheetColumn(name, style.colour(solver, dark), [mosaics.mosaic(values, shape), wrong], lines)

    numbers = [f"{name} {value}" for name, value in describe_training.noted(frame.event).items()]
    F = phrases.objective(measured["objective"])
    baseline = [phrases.apart(measured["excess"]), f"Objective F {F}"]
    columns = [
        sheet.SheetColumn("Atoms", style.colour(job.setup.solver, dark), [drawn], ["each at full contrast"]),
        column(job.setup.name, job.setup.solver, made, numbers),
        column(describe_training.baseline_name(model), model.solver, measured["made"], baseline),
        sheet.SheetColumn("Ground truth", style.colour("truth", dark), [mosaics.mosaic(truth, shape)], []),
    ]
    title = f"{job.setup.name} on {job.setup.data}, {describe_training.step(frame)}, λ = {frame.lam:g}"
    return sheet.sheet(title, columns, side, bars=[sheet.error_bar(top)], dark=dark)


def snippet(job: training_job.Job) -> str:
    """Python that repeats the run step by step and saves its network."""
    setup, first = job.setup, job.first_settings
    kept = ["rate", "lam", "measured_at", "project", "plateau"] + ["cross_entropy"] * setup.supervised
    usual = vars(training.Settings())
    recipe = [key for key in usual if key not in ("every", "stop", "cross_entropy") and first[key] != usual[key]]
    shown = {key: first[key] for key in dict.fromkeys(kept + recipe)}
    changes = {step: values for step, values in job.changes if step < job.step}
    if job.step:
        shown["every"] = math.gcd(*changes, job.step)  # with an event at every change of the settings and at the end
    settings = ", ".join(f"{key}={value!r}" for key, value in shown.items())
    lines = [
        "import torch",
        "from sc2viz import checkpoints, data, dictionary, lasso, solvers, training",
        "",
        f'images, tests = (data.load({literal(sets.file(setup.data))}, split) for split in ("train", "test"))',
        *_start(job),
        *_less(job),
        f"settings = training.Settings({settings})",
        *([f"changes = {changes!r}  # by step"] if changes else []),
        *([_CONTINUED] if job.epochs != job.options["epochs"] else []),
        f"rows = torch.randperm(len(tests), generator=torch.Generator().manual_seed(0))[:{setups.TESTS}]",
        f'events = training.fit(solver, images, "{setup.loss}", epochs={job.epochs}, batch_size={setup.batch_size}, '
        f"seed={setup.seed},",
        f'                      preset="{url.OPTIMISERS[setup.optimiser]}", settings=settings, validation=tests[rows])',
        "for event in events:",
        '    print(f"step {event.step}: F {event.objective:.4g}, {event.excess:.2f} % above exact codes on its atoms")',
    ]
    if changes:
        lines += [
            "    for name, value in changes.get(event.step, {}).items():",
            "        setattr(settings, name, value)",
        ]
    if 0 < job.step < job.total:
        lines += [f"    if event.step == {job.step}:", "        break"]
    return "\n".join([*lines, f'checkpoints.save(solver, "{setup.solver}-yours.safetensors")', ""])


def _start(job: training_job.Job) -> list[str]:
    """Python that makes the solver with which the run started."""
    setup = job.setup
    if job.loaded:
        return [f'solver = checkpoints.load("{setup.solver}-yours.safetensors").requires_grad_(True)  # the file you loaded']
    generator = f"generator = torch.Generator().manual_seed({setup.seed})"
    if setup.start == "strokes":
        learn = f"{setup.atoms}, {lessons.MEASURED_AT}, seed={setup.seed}, max_epochs={lessons.START_EPOCHS}"
        atoms = [f"B = dictionary.learn(images.pixels[:{sets.ROWS}], {learn})"]
    elif setup.start == "pictures":
        rows = f"rows = torch.randperm(len(images), generator=generator)[:{setup.atoms}]"
        atoms = [generator, rows, "B = lasso.normalised(images.pixels[rows].T.contiguous())"]
    elif setup.start == "yours":
        atoms = [f'base = checkpoints.load("base.safetensors")  # {job.base.name}, saved where it was trained',
                 "B = lasso.normalised(base.dictionary.detach())"]  # fmt: skip
    else:
        noise = f"torch.randn(images.pixels.shape[1], {setup.atoms}, generator=generator)"
        atoms = [generator, f"B = lasso.normalised({noise})"]
    options = {key: f'"{value}"' if isinstance(value, str) else f"{value!r}" for key, value in setup.options.items()}
    if job.solver.config.get("positive"):
        options["positive"] = "True"
    if norm := job.solver.config.get("norm"):
        options["norm"] = f"{norm!r}"
    if setup.supervised:
        options["classes"] = "images.n_classes"
    given = "".join(f", {key}={value}" for key, value in {"seed": setup.seed, **options}.items())
    return [*atoms, f'solver = solvers.build("{setup.solver}", B, {setup.steps}{given})']


def _less(job: training_job.Job) -> list[str]:
    """Python that takes the offset of the network whose atoms the run has from its rows."""
    if job.base is None or job.base.offset is None:
        return []
    less = "images, tests = (replace(part, pixels=base.centred(part.pixels).detach()) for part in (images, tests))"
    return ["from dataclasses import replace", less]
