"""The reader's own autoencoder, in SAELens' layout: its certified gap on their activations, as `sc2viz sae` measures it."""

from functools import partial

import streamlit as st

from sc2viz.cli import sae
from sc2viz.draw import encoder_gaps
from sc2viz.files import rows, saelens
from sc2viz.jobs.scheduling import Job
from sc2viz.ui import page, progress, schedulers, session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

MEGABYTES = 200  # of both files together
CACHED = (
    40  # megabytes of both files up to which they stay, so that they can be measured at another λ
)
ROWS = 500  # that are measured unless the reader asks for others
BATCH = 128  # rows between two looks at whether the reader still waits
FILES = "_encoder_file", "_encoder_config", "_encoder_rows"


def draw(dark: bool) -> None:
    st.header(_("Your own autoencoder"), anchor="yours")
    st.markdown(
        _(
            "How far are the codes of an autoencoder of yours from what its own dictionary could do? Its optimum is "
            "certified, row by row. Standard (ReLU), TopK and JumpReLU ones are read, in SAELens’ "
            "layout."
        )
    )
    job = session.encoder_measuring
    if job and job.done:
        del session.encoder_measuring
        if job.problem:
            session.encoder_problem = f"{job.problem}."
        elif job.result:
            session.own_encoder = job.result
        job = None
    if problem := session.encoder_problem:
        st.warning(plain(problem), icon=":material/block:")
    options = choose()
    model, config, data = map(memory.chosen, FILES)
    is_ready = model and data and not job
    if st.button(_("Measure"), type="primary", disabled=not is_ready, icon=":material/straighten:"):
        measure(model, config, data, *options)
        st.rerun()
    if job:
        about = _("Ends the measurement. Nothing of it is kept.")
        stop = partial(stop_measuring, job)
        progress.goes_on(job, partial(describe, job), about, key="stop-measuring", stop=stop)
    elif result := session.own_encoder:
        show(*result, dark)


def choose() -> tuple[float | None, int, int | None]:
    """Draw the fields of the files and of the options; return λ, how many rows, and the k of TopK."""
    about = _(
        "It stays in the server’s memory until you close this page, above {limit} MB until it is measured.",
        limit=CACHED,
    )
    model, config, data = FILES
    layout = _("W_enc (d_x, d_s), W_dec, b_enc, b_dec, and threshold of JumpReLU.")
    first, second = st.columns(2, gap="medium")
    first.file_uploader(
        _("Autoencoder (.safetensors)"),
        ["safetensors"],
        key=model,
        help=f"{layout} {about}",
        max_upload_size=MEGABYTES,
    )
    second.file_uploader(
        _("Activations (.npy, .npz)"),
        ["npy", "npz"],
        key=data,
        help=f"{_('Rows (n, d_x).')} {about}",
        max_upload_size=MEGABYTES,
    )
    with st.expander(_("cfg.json, λ, rows, k"), type="compact"):
        st.file_uploader(
            _("Its cfg.json, where there is one"),
            ["json"],
            key=config,
            max_upload_size=1,
            help=_("SAELens’ settings: the architecture, k, normalize_activations."),
        )
        price = _(
            "The price of codes. By default the one at which exact codes have as many non-zeros as the autoencoder’s."
        )
        columns = st.columns(3)
        lam = columns[0].number_input(
            "λ", 0.0, value=None, format="%g", placeholder=_("by non-zeros"), help=price
        )
        limit = columns[1].number_input(_("Rows, at most"), 1, None, ROWS)
        k = columns[2].number_input(_("k of TopK"), 1, None, None, placeholder=_("by cfg.json"))
        command = _(
            "On the command line, also larger files: `sc2viz sae sae_weights.safetensors activations.npy`."
        )
        st.caption(command)
    return lam or None, int(limit), k


def measure(model, config, data, lam: float | None, limit: int, k: int | None) -> None:
    """Read the files and begin to measure, and let large files go; what is wrong with them becomes a sentence."""
    files = list(filter(None, (model, config, data)))
    session.encoder_problem = ""
    del session.own_encoder
    size = sum(file.size for file in files)
    try:
        if size > MEGABYTES * 1e6:
            raise ValueError(
                f"both files may have {MEGABYTES} MB together, got {size / 1e6:,.0f} MB: bring fewer rows"
            )
        settings = config.getvalue() if config else None
        autoencoder = saelens.read_bytes(model.getvalue(), model.name, settings, k)
        x = rows.rows_of(data.getvalue(), data.name)
        sae.check(autoencoder, x, data.name)
        limit = min(limit, len(x))
        title = f"{plain(model.name)}: {sae.describe(autoencoder, limit)}"

        def work(job: Job) -> tuple:
            result = sae.measure(autoencoder, x, lam, limit, batch_rows=BATCH, report=job.report)
            return title, autoencoder.notes, result

        scheduler = schedulers.scheduler("training")
        job = Job(scheduler, work, limit, "measuring", "measure fewer rows")
        session.encoder_measuring = job
        job.start()
    except ValueError as error:
        session.encoder_problem = f"{error}."
    finally:
        if size > CACHED * 1e6:
            for file in files:
                memory.let_go(file)


def describe(job: Job) -> str:
    if not job.step:
        return _("Solving the first rows exactly …")
    return _("Row {n:,} of {total:,}", n=job.step, total=job.total)


def stop_measuring(job: Job) -> None:
    job.cancel()
    del session.encoder_measuring


def show(title: str, notes: list[str], result: dict, dark: bool) -> None:
    st.markdown(_("**{title}**, λ = {lam:.3g}", title=title, lam=result["lam"]))
    st.markdown("\n".join(f"- {line[:1].upper()}{line[1:]}." for line in sae.lines(result)))
    distances = sae.distances(result).numpy()
    page.chart(encoder_gaps.gaps_of_rows(distances, dark), key="own-gaps")
    page.notes(notes)
    st.download_button(
        _("Numbers of every row (CSV)"),
        partial(tabulate, result),
        "sc2viz-autoencoder-rows.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/table:",
    )


def tabulate(result: dict) -> str:
    names = "F", "optimum", "certificate", "non_zeros", "exact_non_zeros"
    columns = zip(range(len(result["F"])), *(result[name].numpy() for name in names), strict=True)
    return page.table(("row", *names), columns)
