"""The reader's own autoencoder, in SAELens' layout: its certified gap on their activations, as `sc2viz sae` measures it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from sc2viz.cli import sae as command
from sc2viz.draw import encoder_gaps as figures
from sc2viz.files import rows
from sc2viz.files import saelens as files
from sc2viz.jobs.measuring import Measuring
from sc2viz.pages.autoencoders import bench
from sc2viz.ui import page, progress, schedulers, session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

MEGABYTES = 200  # of both files together
KEPT = (
    40  # megabytes of both files up to which they stay, so that they can be measured at another λ
)
MOST = 500  # rows that are measured unless the reader asks for others
AT_ONCE = 128  # rows between two looks at whether the reader still waits
KEYS = "_encoder_file", "_encoder_config", "_encoder_rows"


def draw(dark: bool) -> None:
    bench.heading("yours")
    st.markdown(
        _(
            "How far are the codes of an autoencoder of yours from what its own dictionary could do? Its optimum is "
            "certified, row by row. Standard (ReLU), TopK and JumpReLU ones are read, in SAELens’ "
            "layout."
        )
    )
    job = session.ENCODER_MEASURING.get()
    if job and job.done:
        _take(job)
    if problem := session.ENCODER_PROBLEM.get():
        st.warning(plain(problem), icon=":material/block:")
    given = _files()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        about = _(
            "The price of codes. By default the one at which exact codes have as many non-zeros as the autoencoder’s."
        )
        lam = st.number_input(
            "λ", 0.0, value=None, format="%g", width=170, placeholder=_("by non-zeros"), help=about
        )
        most = st.number_input(_("Rows, at most"), 1, None, MOST, width=130)
        k = st.number_input(_("k of TopK"), 1, None, None, width=170, placeholder=_("by cfg.json"))
        ready = given[0] and given[2] and not session.ENCODER_MEASURING.get()
        pressed = st.button(
            _("Measure"), type="primary", disabled=not ready, icon=":material/straighten:"
        )
    if pressed:
        _begin(given, lam or None, int(most), int(k) if k else None)
        st.rerun()
    if job := session.ENCODER_MEASURING.get():
        progress.here("own autoencoder", [job])
        about = _("Ends the measurement. Nothing of it is kept.")
        progress.goes_on(
            job, lambda: _said(job), about, key="stop-measuring", stop=partial(_stop, job)
        )
    elif found := session.OWN_ENCODER.get():
        _show(*found, dark)


def _files() -> list:
    """The three files that the reader has chosen, None for each that is not there."""
    about = _(
        "It stays in the server’s memory until you close this page, above {most} MB until it is measured.",
        most=KEPT,
    )
    left, right = st.columns(2, gap="medium")
    with left:
        held = f"{_('W_enc (d_x, d_s), W_dec, b_enc, b_dec, and threshold of JumpReLU.')} {about}"
        st.file_uploader(
            _("Autoencoder (.safetensors)"),
            ["safetensors"],
            key=KEYS[0],
            max_upload_size=MEGABYTES,
            help=held,
        )
        held = _("SAELens’ settings: the architecture, k, normalize_activations.")
        st.file_uploader(
            _("Its cfg.json, where there is one"),
            ["json"],
            key=KEYS[1],
            max_upload_size=1,
            help=held,
        )
    with right:
        held = f"{_('Rows (n, d_x).')} {about}"
        st.file_uploader(
            _("Activations (.npy, .npz)"),
            ["npy", "npz"],
            key=KEYS[2],
            max_upload_size=MEGABYTES,
            help=held,
        )
        st.caption(
            _(
                "On the command line, also larger files: `sc2viz sae sae_weights.safetensors activations.npy`."
            )
        )
    return [memory.chosen(key) for key in KEYS]


def _begin(given: list, lam: float | None, most: int, k: int | None) -> None:
    """Read the files and begin to measure, and let large files go; what is wrong with them becomes a sentence."""
    model, config, data = given
    session.ENCODER_PROBLEM.set("")
    session.OWN_ENCODER.pop()
    size = sum(file.size for file in given if file)
    try:
        if size > MEGABYTES * 1e6:
            raise ValueError(
                f"both files may have {MEGABYTES} MB together, got {size / 1e6:,.0f} MB: bring fewer rows"
            )
        read = files.read_bytes(
            model.getvalue(), model.name, config.getvalue() if config else None, k
        )
        x = rows.rows_of(data.getvalue(), data.name)
        command.check(read, x, data.name)
        count = min(most, len(x))
        title = f"{plain(model.name)}: {command.described(read, count)}"

        def measure(report: Callable[[int], None]) -> tuple:
            return (
                title,
                read.notes,
                command.measured(read, x, lam, most, at_once=AT_ONCE, report=report),
            )

        job = Measuring(measure, count, schedulers.scheduler("training"))
        session.ENCODER_MEASURING.set(job)
        job.start()
    except ValueError as error:
        session.ENCODER_PROBLEM.set(f"{error}.")
    finally:
        if size > KEPT * 1e6:
            for file in filter(None, given):
                memory.let_go(file)


def _said(job: Measuring) -> str:
    if not job.step:
        return _("Solving the first rows exactly …")
    return _("Row {n:,} of {all:,}", n=job.step, all=job.total)


def _stop(job: Measuring) -> None:
    job.cancel()
    session.ENCODER_MEASURING.pop()


def _take(job: Measuring) -> None:
    """Keep what a job that has ended has found, or what went wrong."""
    session.ENCODER_MEASURING.pop()
    if job.problem:
        session.ENCODER_PROBLEM.set(f"{job.problem}.")
    elif job.found:
        session.OWN_ENCODER.set(job.found)


def _show(title: str, notes: list[str], found: dict, dark: bool) -> None:
    st.markdown(_("**{title}**, λ = {lam:.3g}", title=title, lam=found["lam"]))
    st.markdown("\n".join(f"- {line[:1].upper()}{line[1:]}." for line in command.lines(found)))
    page.chart(figures.gaps_of_rows(command.distances(found).numpy(), dark), key="own-gaps")
    page.notes(notes)
    st.download_button(
        _("Numbers of every row (CSV)"),
        lambda: _csv(found),
        "sc2viz-autoencoder-rows.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/table:",
    )


def _csv(found: dict) -> str:
    names = "F", "optimum", "certificate", "non_zeros", "exact_non_zeros"
    return page.table(
        ("row", *names),
        zip(range(len(found["F"])), *(found[name].numpy() for name in names), strict=True),
    )
