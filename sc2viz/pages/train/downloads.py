"""The downloads of Train live: the pictures, the numbers, the network, and the Python that repeats the run."""

import math

import numpy as np
import streamlit as st

from sc2viz import checkpoints, defaults, training
from sc2viz.draw import atoms, mosaics, sheet, style
from sc2viz.jobs import training_job
from sc2viz.pages.train import describe_training, lessons
from sc2viz.pages.train import setup as setups
from sc2viz.ui import describe_models, models, own, page, phrases, session, sets
from sc2viz.ui.handed_out import Code, python
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

_NUMBERS = (
    "step",
    "epoch",
    "loss",
    "lam",
    "printed",
    "objective",
    "optimum",
    "excess",
    "nonzero",
    "accuracy",
    "gradient_norm",
    "samples_per_second",
)


FILMED = 240  # px that a picture of the film is wide
_SETTINGS = (
    "rate",
    "dictionary_rate",
    "lam",
    "cross_entropy",
    "project",
    "tilt",
    "at_highest",
    "horizon",
    "clip",
)
_LEADS = (
    "compare",
    "step",
    "lambda",
    "gates",
)  # addresses of the pages that show the reader's network


def lead_on(data: str) -> None:
    """Links to the pages that show the reader's network; none if its pictures are not those of `data`."""
    yours = next((model for model in models.choices(data).values() if model.mark), None)
    if yours is None:
        return
    if problem := describe_models.problem(yours):
        there = plain(sets.names()[own.network.job().setup.data])
        page.notes(
            [
                _(
                    "No other page shows {solver} here: it {problem}. Choose {data} in the sidebar to see it there.",
                    solver=yours.label,
                    problem=plain(problem),
                    data=there,
                )
            ]
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lead-on"):
        leads = _("Open **{solver}**, {note}, in", solver=yours.label, note=yours.note)
        st.markdown(f":material/neurology: {leads}", width="content")
        labels = [*map(style.label, defaults.UNTRAINED), yours.label]
        for path in _LEADS:
            if path != "gates" or yours.traits.gates:
                st.page_link(session.PAGES.get()[path], query_params={"solvers": labels})


def files(job: training_job.Job, model: models.Model, measured: dict) -> list[page.File]:
    name, dark = (
        f"sc2viz-training-{job.setup.data}-{job.setup.solver}",
        st.context.theme.type == "dark",
    )
    return [
        page.png(name, lambda: mosaics.png(_sheet(job, model, measured, job.frame))),
        page.film(
            name,
            lambda: [_sheet(job, model, measured, frame, FILMED, dark) for frame in job.frames],
        ),
        page.csv(name, lambda: _table(job)),
        page.network(job.setup.solver, lambda: checkpoints.dump(job.network(), _notes(job))),
    ]


def _notes(job: training_job.Job) -> dict:
    """The settings and changes of the run, for the checkpoint."""
    settings = {key: getattr(job.settings, key) for key in _SETTINGS}
    changes = [[step, values] for step, values in job.changes]
    return {**vars(job.setup), **settings, "changes": changes, "steps_trained": job.step}


def _table(job: training_job.Job) -> str:
    gates = list(job.solver.traits.gates)
    rows = (
        [*(getattr(event, name) for name in _NUMBERS), *map(event.gates.get, gates)]
        for event in [*job.history]
    )
    return page.table([*_NUMBERS, *gates], rows)


def _sheet(
    job: training_job.Job,
    model: models.Model,
    measured: dict,
    frame: training_job.Frame,
    side: int = 320,
    dark: bool = False,
) -> np.ndarray:
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
        return sheet.SheetColumn(
            name, style.colour(solver, dark), [mosaics.mosaic(values, shape), wrong], lines
        )

    numbers = [f"{name} {value}" for name, value in describe_training.noted(frame.event).items()]
    F = phrases.objective(measured["objective"])
    baseline = [] if models.aside(model) else [phrases.apart(measured["excess"])]
    baseline.append(f"{_('Objective F')} {F}")
    columns = [
        sheet.SheetColumn(
            _("Atoms"), style.colour(job.setup.solver, dark), [drawn], [_("each at full contrast")]
        ),
        column(job.setup.name, job.setup.solver, made, numbers),
        column(describe_training.baseline_name(model), model.solver, measured["made"], baseline),
        sheet.SheetColumn(
            _("Ground truth"), style.colour("truth", dark), [mosaics.mosaic(truth, shape)], []
        ),
    ]
    title = _(
        "{solver} on {data}, {step}, λ = {lam:g}",
        solver=job.setup.name,
        data=job.setup.data,
        step=describe_training.step(frame),
        lam=frame.lam,
    )
    return sheet.sheet(title, columns, side, bars=[sheet.error_bar(top)], dark=dark)


def snippet(job: training_job.Job) -> Code:
    """Python that repeats the run step by step and saves its network."""
    setup, first = job.setup, job.first_settings
    kept = ["rate", "lam", "measured_at", "project", "plateau"] + [
        "cross_entropy"
    ] * setup.supervised
    usual = vars(training.Settings())
    recipe = [
        key
        for key in usual
        if key not in ("every", "stop", "cross_entropy") and first[key] != usual[key]
    ]
    shown = {key: first[key] for key in dict.fromkeys(kept + recipe)}
    changes = {step: values for step, values in job.changes if step < job.step}
    if job.step:
        shown["every"] = math.gcd(
            *changes, job.step
        )  # with an event at every change of the settings and at the end
    options = {
        key: f'"{value}"' if isinstance(value, str) else repr(value)
        for key, value in setup.options.items()
    }
    built = job.solver.config
    options |= {"positive": "True"} if built.get("positive") else {}
    options |= {"norm": repr(built["norm"])} if built.get("norm") else {}
    options |= {"classes": "images.n_classes"} if setup.supervised else {}
    return python(
        __file__,
        job=job,
        lessons=lessons,
        tests=setups.TESTS,
        changes=changes,
        settings=", ".join(f"{key}={value!r}" for key, value in shown.items()),
        options="".join(
            f", {key}={value}" for key, value in {"seed": setup.seed, **options}.items()
        ),
    )
