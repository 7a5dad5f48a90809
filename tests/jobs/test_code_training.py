"""A network that is trained for known codes: it learns, it can be stopped, and what goes wrong is said."""

import pytest
import torch

from sc2viz import data, solvers
from sc2viz.jobs.code_training import CodeTraining
from sc2viz.jobs.scheduling import Limits, Scheduler


@pytest.fixture
def scheduler():
    instance = Scheduler(Limits(nice=1))
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def rows():
    return data.load("synthetic", n_samples=50, d_x=20, d_s=30, sparsity=0.1, snr_db=40.0)


def error(solver, rows) -> float:
    """The share of the energy that is wrong, on signals that no training draws."""
    batch = rows.fresh(500, 7, 7)
    with torch.no_grad():
        codes = solver(batch.pixels, 0.1)
    return float((codes - batch.codes).square().sum() / batch.codes.square().sum())


def test_it_learns_to_find_codes_that_it_never_saw(rows, scheduler):
    error_before = error(solvers.build("alista", rows.dictionary, 6), rows)
    job = CodeTraining(
        solvers.build("alista", rows.dictionary, 6), rows, 0.1, scheduler, batches=160
    )
    job.start()
    for thread in list(scheduler._running.values()):
        thread.join(60)
    assert job.done and not job.problem and job.step == 160 and job.share == 1
    assert error(job.solver, rows) < 0.5 * error_before
    assert job.nmse < 0 and not any(
        parameter.requires_grad for parameter in job.solver.parameters()
    )


def test_it_ends_soon_where_it_is_stopped(rows, scheduler):
    job = CodeTraining(
        solvers.build("alista", rows.dictionary, 4), rows, 0.1, scheduler, batches=160
    )
    job.cancel()
    job.train()
    assert job.done and 0 < job.step < 160 and not job.wants_to_train


def test_what_goes_wrong_is_said(rows, scheduler):
    signals = data.load("synthetic", n_samples=50, d_x=20, d_s=30, sparsity=0.1, seed=1)
    job = CodeTraining(
        solvers.build("alista", signals.dictionary, 4), rows, 0.1, scheduler, batches=10
    )
    job.train()
    assert job.done and "needs a solver on the true atoms" in job.problem
