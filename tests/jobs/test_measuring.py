"""An autoencoder that is measured in the background: the numbers of the command, and an end where nobody waits."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import save
from saving import saved

from sc2viz.cli import sae
from sc2viz.files import rows
from sc2viz.files import saelens as files
from sc2viz.jobs.scheduling import Job, Limits, Scheduler

COUNT, AT_ONCE = 300, 128


@pytest.fixture
def measured():
    """What measures 300 rows of an autoencoder of 24 atoms for 16 numbers, at the λ that it finds."""
    draw = torch.Generator().manual_seed(0)
    W_dec = torch.nn.functional.normalize(torch.randn(24, 16, generator=draw), dim=1)
    options = {
        "W_enc": W_dec.T.contiguous(),
        "W_dec": W_dec,
        "b_enc": torch.full((24,), -0.3),
        "b_dec": torch.zeros(16),
    }
    content = saved(np.save, torch.randn(COUNT, 16, generator=draw).numpy())
    return partial(
        sae.measure,
        files.read_bytes(save(options), "mine.safetensors"),
        rows.rows_of(content, "mine.npy"),
        None,
    )


@pytest.fixture
def scheduler():
    instance = Scheduler(Limits(nice=1))
    yield instance
    instance.close()


def job_of(measure, scheduler):
    return Job(scheduler, lambda job: measure(job.report), COUNT, "measuring", "measure fewer rows")


def test_it_finds_the_numbers_of_the_command(measured, scheduler):
    shares = []

    def watched(report):
        return measured(
            batch_rows=AT_ONCE, report=lambda rows: (report(rows), shares.append(job.share))
        )

    job = job_of(watched, scheduler)
    job.start()
    for thread in list(scheduler._running.values()):
        thread.join(30)
    numbers = measured()
    assert job.done and not job.problem and job.result["lam"] == numbers["lam"]
    for key in ("F", "optimum", "non_zeros", "used"):
        np.testing.assert_allclose(job.result[key], numbers[key], rtol=1e-4)
    assert shares.count(0) >= 2 and shares[-3:] == [128 / 300, 256 / 300, 1]


def test_it_ends_where_it_is_stopped_where_the_reader_left_and_where_time_is_up(
    measured, scheduler
):
    def stopped(stop):
        def watched(report):
            return measured(
                batch_rows=AT_ONCE, report=lambda rows: (stop(job) if rows else None, report(rows))
            )

        job = job_of(watched, scheduler)
        job.train()
        return job

    cancelled = stopped(lambda job: job.cancel())
    abandoned = stopped(lambda job: setattr(job, "gone", -1e9))
    assert all(
        job.done and job.result is None and not job.problem and job.step == AT_ONCE
        for job in (cancelled, abandoned)
    )
    scheduler.limits = replace(scheduler.limits, seconds=1e-9)
    late = job_of(lambda report: measured(batch_rows=AT_ONCE, report=report), scheduler)
    late.train()
    assert late.result is None and "more than 1e-09 s: measure fewer rows" in late.problem
