"""Autoencoders: an encoder gives codes at once and pays for it: two gaps beside certified optima, and a reader's own."""

import random
from collections.abc import Sequence
from functools import partial
from operator import attrgetter

import numpy as np
import streamlit as st

from sc2viz import published
from sc2viz.defaults import KINDS, NON_ZEROS, STEPPED
from sc2viz.draw import encoder_gaps, mosaics, style
from sc2viz.draw.cards import Card
from sc2viz.draw.encoder_gaps import Recovered
from sc2viz.jobs.encoder_training import EncoderTraining
from sc2viz.pages.autoencoders import gaps, own
from sc2viz.pages.autoencoders.gaps import AXIS, Comparison
from sc2viz.published import sentences
from sc2viz.published.sentences import name_encoder
from sc2viz.training.autoencoders import EncoderRun
from sc2viz.ui import (
    encoder_costs,
    encoders,
    known_codes,
    models,
    page,
    phrases,
    progress,
    schedulers,
    session,
    sliders,
    url,
)
from sc2viz.ui.cache import cached
from sc2viz.ui.encoders import EncoderSet
from sc2viz.ui.untrusted import plain
from sc2viz.words import N_, _, count, ngettext

COMMAND = "sc2viz reproduce sae --data"
SOURCE = "arXiv 2603.28744, `shrutij01/compositional-sparse-ood`: `exp_vary_latents.json`, `exp_frozen_decoder.json`"
# The columns of `list_gaps`, in its order; those of training on D★, and of joint training
COLUMNS = (
    N_("Encoder"),
    N_("Seeds"),
    N_("Multiplications"),
    N_("Its gap on D★"),
    N_("Non-zeros there"),
    N_("Its gap"),
    "λ",
    N_("Dictionary’s"),
    "R²",
    N_("R², exact"),
    N_("Non-zeros"),
    N_("Dead"),
)
TABLES = (0, 1, 2, 3, 4), (0, 5, 6, 7, 8, 9, 10, 11)
KNOWN_COLUMNS = (
    N_("Codes"),
    "MCC",
    N_("MCC, published"),
    N_("MCC, exact"),
    N_("exact, published"),
    "R²",
    N_("Non-zeros"),
    N_("Seeds"),
)


def autoencoders_page() -> None:
    page.head(_("Autoencoders"))
    data_set, row, price = choose_row()
    dark = st.context.theme.type == "dark"
    comparison = gaps.compare(data_set, row, price)
    if comparison:
        gaps.draw_gaps(comparison, dark)
    else:
        missing = _("The networks of {data} are not here yet.", data=data_set.name)
        st.info(missing, icon=":material/neurology:")
        tabulate_kinds(data_set)
    offer_training(data_set)
    own.draw(dark)
    if behind_more := page.details(is_asked="after" in st.query_params):
        with behind_more:
            if comparison:
                gaps.draw_steps(comparison, dark)
                gaps.draw_kinds(comparison, dark)
                tabulate_kinds(data_set)
                draw_atoms(comparison, dark)
            draw_known_codes(dark)
    solvers = [KINDS[kind].solver for kind in encoders.trained(data_set) or KINDS]
    if not comparison:
        page.explained(solvers)
        return
    name = f"sc2viz-autoencoders-{data_set.data}-{data_set.atoms}"
    codes = f"{name}-row-{row}"
    page.explained(
        solvers,
        [
            page.png(name, partial(draw_sheet, comparison)),
            page.csv(name, partial(tabulate_gaps, comparison), _("Gaps (CSV)")),
            page.csv(codes, partial(tabulate_codes, comparison), _("Codes (CSV)")),
        ],
        __file__,
        comparison=comparison,
        price=price,
        best=encoders.stored(data_set.run("frozen", "mp")),
        rows=known_codes.ROWS,
    )


def choose_row() -> tuple[EncoderSet, int, float]:
    """Draw the sidebar; return the set and the row at hand, and λ in units of the encoders' own."""
    with st.sidebar:
        (price,) = sliders.live("gaps", {AXIS: sliders.Knob()}, bar=True)
        url.widget("coded")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            row = url.widget("sample", width=104, help_values={"rows": known_codes.ROWS})
            st.button(
                _("Random"),
                icon=":material/casino:",
                help=_("Another row."),
                on_click=lambda: st.session_state.update(sample=random.randrange(known_codes.ROWS)),
            )
    return encoders.chosen_set(), row, price


# Networks that are trained here ---------------------------------------------------------------------------------------


def list_missing(data_set: EncoderSet) -> list[EncoderRun]:
    """The runs whose networks are not here, in the order in which they are trained: D★ first."""
    runs = [data_set.run("frozen", "mp"), *(data_set.run("joint", kind) for kind in KINDS)]
    runs += [data_set.run("frozen", kind) for kind in STEPPED]
    return [run for run in runs if not encoders.stored(run)]


def offer_training(data_set: EncoderSet) -> None:
    """A button for the networks that are missing, or how far their training is."""
    job, runs = session.encoder_training, list_missing(data_set)
    if job is not None:
        if job.problem:
            page.notes([_("A network could not be trained: {problem}", problem=plain(job.problem))])
        about = _("Ends after the network at hand. What is trained stays.")
        if progress.goes_on(job, partial(describe_training, job), about):
            return
    if not runs:
        return
    seconds = sum(encoders.measured(run)["training_seconds"] for run in runs)
    minutes = max(1, round(seconds / 60))
    about = _(
        "One after the other, each with seed 0, as `sc2viz reproduce sae` does. They are kept on this server."
    )
    label = ngettext(
        "Train the network of {data} that is not here: about {minutes}",
        "Train the {number} networks of {data} that are not here: about {minutes}",
        len(runs),
        data=data_set.name,
        number=phrases.numeral(len(runs)),
        minutes=count(minutes, "minute"),
    )
    st.button(label, on_click=start_training, args=(runs,), help=about, icon=":material/neurology:")


def describe_training(job: EncoderTraining) -> str:
    place = min(job.step, len(job.runs) - 1)
    kind = name_encoder(job.runs[place].kind)
    return _("Network {n} of {total}: {kind}", n=place + 1, total=len(job.runs), kind=kind)


def start_training(runs: list[EncoderRun]) -> None:
    job = EncoderTraining(runs, schedulers.scheduler("training"))
    session.encoder_training = job
    job.start()


# More -----------------------------------------------------------------------------------------------------------------


def tabulate_kinds(data_set: EncoderSet) -> None:
    """All kinds and seeds, as `reproduce sae` measured them."""
    measured = published.read("autoencoders")["sets"][f"{data_set.data}-{data_set.atoms}"]
    kinds = sentences.list_gaps(measured)
    for columns in TABLES:
        draw_table([COLUMNS[k] for k in columns], [[kind[k] for k in columns] for kind in kinds])
    notes = [
        _(
            "Means over seeds ± their standard deviation, on all test rows; the encoder’s gap in % of F*(D), the "
            "dictionary’s in % of F*(D★). Seeds: on D★, and trained jointly. A number without ± is of one seed, or of "
            "nothing that was drawn."
        ),
        sentences.describe_steps(measured),
        sentences.describe_fixed(measured),
        _("`{command}` measures it.", command=f"{COMMAND} {data_set.data}"),
    ]
    st.caption(" ".join(filter(None, notes)))


def draw_atoms(comparison: Comparison, dark: bool) -> None:
    """The atoms of each encoder, those first that most rows use, and R² of those of fixed k beside OMP."""
    st.header(_("Their atoms"), anchor="atoms")
    shape, fixed = encoders.rows(comparison.data_set.data).shape, []
    picture = draw_dead_atoms(comparison.best.D.numpy(), shape, None, dark)
    cards = [Card("D★", "exact", pictures=[(picture, _("Atoms of {label}", label="D★"))])]
    for label, encoder in comparison.encoders.items():
        model = encoder.model
        uses = encoder_costs.uses(model, comparison.data_set, encoder.argument)
        dead = _("{n} of {total:,}", n=int((uses == 0).sum()), total=len(uses))
        picture = draw_dead_atoms(models.atoms(model).numpy(), shape, uses, dark)
        alt = _("Atoms of {label}, {count} dead", label=label, count=dead)
        cards.append(
            Card(
                label,
                model.solver,
                pictures=[(picture, alt)],
                numbers={_("dead"): dead},
                dash=style.dash(model),
            )
        )
        if not model.traits.uses_lambda:
            r2, pursued = encoder_costs.equal_k(model, comparison.data_set, encoder.argument)
            fixed.append(_("**{label}** {r2:.3f}, OMP {omp:.3f}", label=label, r2=r2, omp=pursued))
    page.cards(cards, narrowest=150)
    st.caption(
        _(
            "The atoms that most rows use come first, each at full contrast. A red cross: dead, no test row uses it."
        )
    )
    if fixed:
        about = _(
            "R² with about {k} atoms a row, on the same atoms: {values}. This is no gap: the best {k} atoms of a row are an "
            "ℓ₀ problem, which has no certificate, and OMP is greedy as well. Its codes may have any sign.",
            k=NON_ZEROS,
            values="; ".join(fixed),
        )
        st.markdown(about)


draw_dead_atoms = cached(encoder_gaps.mark_dead)


def draw_known_codes(dark: bool) -> None:
    """Codes whose truth is known: MCC beside R², published figures beside those that `reproduce sae` measured."""
    st.header(_("Does R² find the truth?"), anchor="known-codes")
    measured = published.read("autoencoders")["known"]
    points = []
    for kind, numbers in measured.items():
        encoded, label = numbers["encoded"], name_encoder(kind).replace("`", "")
        mcc = numbers["mcc_out" if encoded else "exact_mcc_out"][0]
        figure = numbers["published"][0 if encoded else 1]
        short = _(sentences.SHORT_KINDS.get(kind, label))
        points.append(Recovered(label, short, mcc, numbers["r2_out"][0], figure, not encoded))
    encoded_points = [point for point in points if not point.exact]
    finder, explainer = (max(encoded_points, key=attrgetter(name)) for name in ("mcc", "r2"))
    st.markdown(
        _(
            "Of {n} encoders, **{finder}** finds the most: MCC **{mcc:.3f}**, R² {r2:.3f}. **{explainer}** explains the most: R² "
            "**{other_r2:.3f}**, MCC {other_mcc:.3f}.",
            n=len(encoded_points),
            finder=finder.label,
            mcc=finder.mcc,
            r2=finder.r2,
            explainer=explainer.label,
            other_r2=explainer.r2,
            other_mcc=explainer.mcc,
        )
    )
    page.chart(encoder_gaps.mcc_by_r2(points, dark), key="mcc")
    draw_table(KNOWN_COLUMNS, sentences.list_known(measured))
    st.caption(
        _(
            "Sums of ten of 100 known atoms in 47 dimensions, tested on combinations that training rows do not have. MCC: the "
            "mean |correlation| with the true codes after matching. Published: means of three seeds, {source}. Dictionary "
            "learning fits the training rows, never these. `{command}` repeats it.",
            source=SOURCE,
            command=f"{COMMAND} compositional",
        )
    )


def draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    names = list(map(_, columns))
    table = [dict(zip(names, texts, strict=True)) for texts in rows]
    st.table(table, border="horizontal", hide_index=True, alt=", ".join(names))


# Take away ------------------------------------------------------------------------------------------------------------


def draw_sheet(comparison: Comparison) -> np.ndarray:
    x = encoders.original(comparison.data_set, comparison.row)
    shape = encoders.rows(comparison.data_set.data).shape
    k, rows = comparison.current, []
    for label, course in comparison.courses.items():
        codes = comparison.solve(label)
        both = codes.codes[k], codes.exact[k]
        reconstructions = [values @ codes.unit.T + codes.offset for values in both]
        pictures = [mosaics.mosaic(pixels, shape, side=200) for pixels in (x, *reconstructions)]
        rows.append((label, float(course.encoder[k]), float(course.dictionary[k]), pictures))
    title = _(
        "{data}: gaps of encoders; row {row}, its encoder's picture, exact codes on the same atoms",
        data=comparison.data_set.name,
        row=comparison.row,
    )
    return encoder_gaps.draw_sheet(title, rows)


def tabulate_gaps(comparison: Comparison) -> str:
    columns_of_course = {
        "lambda": "lam",
        "F": "F",
        "optimum_on_its_atoms": "optimum",
        "optimum_on_best_dictionary": "bar",
        "encoder_gap_percent": "encoder",
        "dictionary_gap_percent": "dictionary",
        "non_zeros": "count",
        "exact_non_zeros": "exact_count",
        "r2": "r2",
        "exact_r2": "exact_r2",
    }
    rows = []
    for label, course in comparison.courses.items():
        columns = np.transpose(
            [getattr(course, name) for name in columns_of_course.values()]
        ).tolist()
        for price, numbers in zip(comparison.stops, columns, strict=True):
            rows.append([*comparison.data_set, label, price, *numbers])
    return page.table(["data", "atoms", "kind", "lambda_times", *columns_of_course], rows)


def tabulate_codes(comparison: Comparison) -> str:
    columns = {}
    for label in comparison.encoders:
        codes = comparison.solve(label)
        columns[label] = codes.codes[comparison.current, 0]
        columns[f"{label}_exact"] = codes.exact[comparison.current, 0]
    numbers = np.transpose(list(columns.values())).tolist()
    rows = ([comparison.row, atom, *values] for atom, values in enumerate(numbers))
    return page.table(["row", "atom", *columns], rows)


autoencoders_page()
