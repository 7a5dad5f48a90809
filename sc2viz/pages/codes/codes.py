"""Known codes: the map of where the true code can be found, and the code of the cell that is clicked."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from sc2viz import checkpoints, defaults, dictionary, evaluation, published, solvers
from sc2viz.analysis import phase_transition
from sc2viz.analysis.phase_transition import ATOMS, SIZE, Map
from sc2viz.draw import recovery, style
from sc2viz.draw.curves import SolverLine
from sc2viz.exact import ahead
from sc2viz.jobs import code_training
from sc2viz.jobs.code_training import CodeTraining
from sc2viz.pages.codes import layers
from sc2viz.pages.codes.layers import LayerView
from sc2viz.published.sentences import describe_noise, format_decibels
from sc2viz.ui import (
    chips,
    errors,
    known_codes,
    models,
    page,
    phrases,
    progress,
    schedulers,
    session,
    sets,
    sliders,
    url,
)
from sc2viz.ui.cache import cached
from sc2viz.ui.known_codes import COSTS, LAYERS, RECIPE, Problem
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import plain
from sc2viz.words import _, count, localized, ngettext

CARDS = 4  # solvers side by side
TRIALS = 8  # of a cell of the map
TRAININGS = 3  # that a session keeps
LOOK = 1.0  # seconds between two looks whether the exact solver is compiled


def codes_page() -> None:
    page.head(_("Known codes"))
    problem, row = choose_problem()
    choices = list_models(problem)
    map_column, board_place = st.columns((2, 3), gap="medium")
    map_place = map_column.container(key="codes-map")
    map_place.header(_("When can the true code be found?"), anchor=False)
    about = _("All solvers get the same signals. The {limit} chosen last are shown.", limit=CARDS)
    named = (models.label_network(*network) for network in defaults.RECOVERS.items())
    labels = [label for name in named if (label := models.find_label(name, choices))]
    chosen = chips.choose(choices, CARDS, help=about, opening=labels, rows=1)
    coding = _("Coding {n} signals exactly, and with every solver …", n=problem.rows)
    with board_place:
        with st.spinner(coding, show_time=True):
            view = LayerView(problem, row, chosen)
        page.notes(view.failed)
        if view.solved:
            view.draw()
            page.notes(view.notes())
            offer_training(view)
            chosen = [solver.model for solver in view.solved]
            name = f"sc2viz-known-codes-{problem.d_x}x{problem.d_s}-k-{problem.k}-{problem.snr}-dB"
            signal = f"{name}-signal-{row}"
            files = [
                page.png(signal, partial(draw_sheet, view)),
                page.csv(name, partial(tabulate_layers, view), _("Layers (CSV)")),
                page.csv(signal, partial(tabulate_codes, view), _("Codes (CSV)")),
            ]
            for model in chosen:
                if model.mark:
                    files.append(page.network(model.solver, partial(dump, model, problem)))
            page.explained(chosen, files, __file__, view=view, layers=layers)
        else:
            st.info(_("Choose one solver or more."), icon=":material/touch_app:")
            page.explained(())
    behind_more = page.details(is_asked="cost" in st.query_params)
    # While they are out of sight, the URL keeps both.
    with behind_more or st.container(key="codes-state"):
        url.widget("exactly")
        url.widget("own_lam")
    with map_place:
        ahead.look()
        waits = ahead.compiling()
        errors.fragment(draw_map, LOOK if waits else None)(waits)
    if behind_more:
        with behind_more:
            if view.solved:
                draw_costs(view)
            draw_published()


# The problem ----------------------------------------------------------------------------------------------------------


def choose_problem() -> tuple[Problem, int]:
    """Draw the sidebar; return the problem at hand and which of its signals is shown."""
    with st.sidebar:
        knobs = {key: sliders.Knob() for key in ("k", "snr", "dx")}
        k, snr, d_x = sliders.live("known", knobs, bar=True)
        with st.container(horizontal=True, gap="small"):
            d_s = url.widget("ds", on_change=keep_shares)
            row = url.widget("signal", help_values={"rows": known_codes.ROWS})
        problem = Problem(d_x, d_s, k, snr, url.value("exactly"))
        if problem != RECIPE:
            st.button(
                _("Back to the papers’ recipe"),
                on_click=take_problem,
                args=(RECIPE,),
                help=_("250 measurements, 500 atoms, 50 of them in use on average, 40 dB."),
                icon=":material/undo:",
            )
    session.problem = problem
    return problem, row


def take_problem(problem: Problem) -> None:
    """Make a problem the one at hand; called in callbacks."""
    d_x, d_s, k, snr, exactly = problem
    st.session_state.update(dx=d_x, ds=d_s, k=k, snr=snr, exactly=exactly)


def keep_shares() -> None:
    """Keep d_x/d_s and k/d_s where the number of atoms changes."""
    previous, d_s = known_codes.current_problem(), url.value("ds")
    d_x, k = (round(number * d_s / previous.d_s) for number in (previous.d_x, previous.k))
    st.session_state.update(dx=max(5, d_x), k=max(1, min(d_x, k)))


# The map --------------------------------------------------------------------------------------------------------------


def draw_map(waits: bool) -> None:
    """The map of the solver at hand. waits: the exact solver was being compiled when the page was drawn."""
    is_compiling = ahead.compiling()
    if session.take("reruns_page") or (
        waits and not is_compiling
    ):  # a click has changed the problem
        st.rerun()
    label = url.widget("mapped", label_visibility="collapsed")
    name = next(name for name in url.mappable() if style.label(name) == label)
    if name == "exact" and is_compiling:  # so many codes take longer than the compiler
        waiting = _(
            "The exact solver is being compiled, which takes about {n} s, once. The map is drawn then.",
            n=ahead.SECONDS,
        )
        st.info(waiting, icon=":material/hourglass_top:")
        return
    measuring = _("Measuring the map: {n:,} codes …", n=SIZE * SIZE * TRIALS)
    with st.spinner(measuring, show_time=True):
        rows = [measure_row(name, row) for row in range(SIZE)]
    middles, problem = (np.arange(SIZE) + 0.5) / SIZE, known_codes.current_problem()
    measured = Map(middles, middles, np.array(rows))
    figure = phase_transition.tabulate(measured) | {
        "label": label,
        "exact": name == "exact",
        "atoms": ATOMS,
        "trials": TRIALS,
        "colour": style.colour(name),
        "here": [problem.d_x / problem.d_s, problem.k / problem.d_x],
    }
    page.idea("when_found", figure, on_cell_change=take_cell)
    about = _(
        "Click a cell to see a code of its kind, and above the lines which of them fails. {atoms} atoms, {trials} trials a "
        "cell, no noise; found is an error of −40 dB. Theory: Donoho & Tanner’s weak threshold, for ever more atoms.",
        atoms=ATOMS,
        trials=TRIALS,
    )
    st.caption(f":material/touch_app: {about}")


@cached
def measure_row(name: str, row: int) -> np.ndarray:
    """The shares of codes that are found in a row of cells, those of one ρ."""
    find = phase_transition.exact_codes if name == "exact" else phase_transition.finder(name)
    return phase_transition.map_row(find, row, SIZE, trials=TRIALS)


def take_cell() -> None:
    """Make the problem of the cell that was pressed the one at hand: exactly k non-zeros, and no noise to speak of."""
    if cell := st.session_state["when-found"]["cell"]:
        d_x, k = map(int, cell)
        take_problem(Problem(d_x, ATOMS, k, known_codes.SNR[-1], True))
        session.reruns_page = True


# Networks that are trained here ---------------------------------------------------------------------------------------


def list_models(problem: Problem) -> dict[str, Model]:
    """The models by label, those that were trained here in the place of the untrained ones."""
    choices = models.choices(sets.KNOWN_CODES)
    for (law, label), job in session.code_trainings.items():
        if law == problem and label in choices and job.done and job.step and not job.problem:
            choices[label] = replace(
                choices[label],
                mark=f"known {id(job)}",
                progress=_("trained here"),
                network=job.solver,
            )
    return choices


def offer_training(view: LayerView) -> None:
    """A button for each untrained network, or how far its training is."""
    problem, jobs = view.problem, session.code_trainings
    for model in (solver.model for solver in view.solved if not solver.model.trained):
        label, job = model.label, jobs.get((problem, model.label))
        if job is None:
            minutes = count(max(1, round(training_seconds(model, problem) / 60)), "minute")
            st.button(
                _(
                    "Train {solver} for these signals: about {minutes}",
                    solver=label,
                    minutes=minutes,
                ),
                key=f"train-{model.solver}-{model.variant}",
                on_click=start_training,
                args=(problem, model),
                help=_(
                    "{batches:,} batches of {n} fresh signals, by the true codes.",
                    batches=code_training.BATCHES,
                    n=code_training.SIZE,
                ),
                icon=":material/neurology:",
            )
        elif job.problem:
            reason = plain(job.problem)
            page.notes([_("{solver} could not be trained: {reason}", solver=label, reason=reason)])
        else:
            about = _("Ends the training, with what was learned so far.")
            described = partial(describe_training, label, job)
            progress.goes_on(job, described, about, key=f"stop-{label}")


def describe_training(label: str, job: CodeTraining) -> str:
    batch = _("{solver}: batch {step:,} of {total:,}", solver=label, step=job.step, total=job.total)
    return f"{batch}, {phrases.decibels(job.nmse)}" if job.step else batch


def start_training(problem: Problem, model: Model) -> None:
    """Begin a training, in a callback. The oldest of more than `TRAININGS` is given up."""
    rows, lam = known_codes.images(problem, "train"), layers.optimum(problem).lam
    job = CodeTraining(build_untrained(model, problem), rows, lam, schedulers.scheduler("training"))
    jobs = {**session.code_trainings, (problem, model.label): job}
    while len(jobs) > TRAININGS:
        jobs.pop(next(iter(jobs))).cancel()
    session.code_trainings = jobs
    job.start()


def build_untrained(model: Model, problem: Problem) -> solvers.Solver:
    """The solver with as many layers as the page shows."""
    B = known_codes.images(problem).dictionary
    return solvers.build(model.solver, B, LAYERS, **model.options)


@cached
def training_seconds(model: Model, problem: Problem) -> float:
    rows = known_codes.images(problem, "train")
    return code_training.estimate_seconds(build_untrained(model, problem), rows)


# More -----------------------------------------------------------------------------------------------------------------


def draw_costs(view: LayerView) -> None:
    """The λ of F and of each solver, what a layer is, and what a decibel costs."""
    best = view.optimum
    about = _(
        "F is measured at λ = {lam:g}, whose exact codes have the least NMSE on {n} other signals.",
        lam=best.lam,
        n=best.tuned,
    )
    page.notes([about])
    rows = [
        {
            _("Solver"): solver.label,
            "λ": localized(f"{solver.lam:.3g}") if solver.model.traits.uses_lambda else "–",
            _("Iterations a layer"): f"{layers.depth(solver.model, view.problem)[1]}",
        }
        for solver in view.solved
    ]
    st.table(rows, border="horizontal", hide_index=True, alt=_("The λ of each solver"))
    page.header(_("What it costs"))
    unit = url.widget("cost")
    lines = [
        SolverLine(
            solver.label,
            solver.model.solver,
            solver.means.nmse,
            solver.model.trained,
            view.cost(solver, unit),
            solver.model.dash_name,
        )
        for solver in view.solved
    ]
    dark = st.context.theme.type == "dark"
    page.chart(recovery.nmse_by_cost(lines, view.layer, _(COSTS[unit]), dark), key="codes-cost")


def draw_published() -> None:
    """Published figures beside measured ones, a table for each source, each number with its runs."""
    measured, tables = published.read("recovery"), {}
    for source, condition, figures in measured["others"]:
        rows = [tabulate(measured, condition, method, error) for method, error in figures.items()]
        tables.setdefault(source, []).extend(rows)
    page.header(_("Published and measured"))
    for source, rows in tables.items():
        st.markdown(_("By {source}:", source=_(source).replace("d_s", "$d_s$")))
        alt = _("Published figures and ours: {source}", source=_(source))
        st.table(rows, border="horizontal", hide_index=True, alt=alt)
    st.markdown(describe_noise(measured))
    about = _(
        "NMSE after 16 layers, ours over the seeds; a number without ± has one seed. Protocols differ: other "
        "dictionaries, and where a source says 50 non-zeros, ours are 50 on average."
    )
    st.caption(f"{about} {_('`{command}` measures it.', command='sc2viz reproduce recovery')}")


def tabulate(measured: dict, condition: str, method: str, error: float) -> dict[str, str]:
    """A row of a table: what was published of a method, and what was measured here."""
    ours = measured["methods"][method]["conditions"][condition]
    first, *further = ours["runs"]
    # Further seeds of one network are told by their ends.
    names = [first, *(run.removeprefix(first.rpartition("_")[0]) for run in further)]
    return {
        _("Solver"): _(measured["methods"][method]["label"]),
        _("Signals"): _(measured["conditions"][condition]),
        _("Published"): phrases.decibels(error),
        _("Measured here"): f"{format_decibels(*ours['nmse'])}\u00a0dB",
        _("Run"): ", ".join(f"`{name}`" for name in names),
    }


# Take away ------------------------------------------------------------------------------------------------------------


def dump(model: Model, problem: Problem) -> bytes:
    digest = dictionary.digest(known_codes.images(problem).dictionary)
    notes = {"loss": "recovery", "dictionary": digest, **problem.options()}
    return checkpoints.dump(model.network, notes)


def draw_sheet(view: LayerView) -> np.ndarray:
    title = ngettext(
        "Signal {row} after {n} layer: {d_x} measurements, {d_s} atoms, k = {k}, {snr} dB",
        "Signal {row} after {n} layers: {d_x} measurements, {d_s} atoms, k = {k}, {snr} dB",
        view.layer,
        row=view.row,
        **view.problem._asdict(),
    )
    truth, codes = view.codes_of_layer()
    return recovery.stems_sheet(title, truth, codes)


def tabulate_layers(view: LayerView) -> str:
    names = "lambda solver layer nmse_db above_optimum_percent hits missed false_alarms multiplications_of_one"
    times = "milliseconds_of_one", "milliseconds_of_1000"
    spread = [f"nmse_db_{int(100 * share)}_percent" for share in evaluation.QUANTILES]
    head = [*Problem._fields, *names.split(), *times, *spread]
    best = view.optimum
    rows = [
        ["Exact codes", None, best.nmse, 0.0],
        ["Least squares on the true support", None, best.oracle],
    ]
    for solver in view.solved:
        means = solver.means
        columns = [means.nmse, means.excess, means.hits, means.missed, means.alarms]
        columns += [view.cost(solver, unit) for unit in ("multiplications", "one", "thousand")]
        for layer, numbers in enumerate(np.transpose(columns).tolist()):
            rows.append([solver.label, layer, *numbers])
        rows[-1] += [*solver.means.spread]
    return page.table(head, ([*view.problem, best.lam, *row] for row in rows))


def tabulate_codes(view: LayerView) -> str:
    truth, codes = view.codes_of_layer()
    columns = np.transpose([truth, *codes.values()]).tolist()
    rows = ([view.row, view.layer, atom, *values] for atom, values in enumerate(columns))
    return page.table(["signal", "layer", "atom", "true", *codes], rows)


codes_page()
