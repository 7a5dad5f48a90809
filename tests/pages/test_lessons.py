"""Every lesson shows what its words promise, on its own numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from sc2viz import data, evaluation, lasso, solvers, training
from sc2viz.jobs import training_job
from sc2viz.pages.train import lessons

BY_TITLE = {lesson.title: lesson for lesson in lessons.LESSONS}


@pytest.fixture
def begun(open_page, monkeypatch):
    """The job that the page begins at a click on a lesson's button, before its first step."""
    monkeypatch.setattr(training_job.Job, "play", lambda job: None)

    def click(lesson):
        monkeypatch.setattr(lessons, "LESSONS", (lesson,))
        app = open_page("train")
        app.button(key="lesson-0").click().run()
        assert not app.exception and not app.error
        return app.session_state["_job"]

    return click


def run(job, until=None, **options):
    """An event before the first step and after every epoch, the last one that after which `until(event)` holds."""
    job.settings.every = job.steps_an_epoch
    events = []
    for event in training.fit(
        job.solver,
        job.images,
        settings=job.settings,
        validation=job.tests,
        from_start=True,
        **{**job.options, **options},
    ):
        events.append(event)
        job.settings.stop = until is not None and until(event)
    return events


def ista_excess(x, B, lam, steps):
    F = lasso.objective(x, solvers.build("ista", B, steps)(x, lam), B, lam)
    return evaluation.excess(F, lasso.objective(x, lasso.solve(x, B, lam).codes, B, lam)).item()


def test_a_lesson_is_ready_to_run_without_a_download():
    assert len(BY_TITLE) == len(lessons.LESSONS) == 5
    for lesson in lessons.LESSONS:
        assert lesson.data in data.BUILT_IN
        assert 0 < len(lesson.watch) < 400


def test_slstm_starts_as_ista_and_comes_within_five_percent_in_the_first_epochs(begun):
    lesson = BY_TITLE["SLSTM from ISTA's start"]
    job = begun(lesson)
    untrained, events = job.network(), run(job, until=lambda event: event.excess < 5)
    assert events[-2].excess < 5 and events[-1].epoch <= 5  # it stops a step after it was asked to
    assert events[-1].stopped == "interrupted"
    with torch.no_grad():
        x, lam = job.tests.pixels, events[0].lam
        ista = ista_excess(x, untrained.dictionary, lam, lesson.steps)
        assert (
            events[0].excess == pytest.approx(ista, rel=0.05) and ista > 30
        )  # as slow as ISTA, and far from there
        assert (
            ista_excess(x, lasso.normalised(job.solver.dictionary), lam, lesson.steps) > 30
        )  # it is not the atoms


def test_the_printed_loss_sinks_below_what_is_possible_while_the_honest_objective_stands_still(
    begun,
):
    job = begun(BY_TITLE["The loss that cheats"])
    before, first, *later = run(job, epochs=4)
    assert before.printed == pytest.approx(before.objective, rel=1e-5)  # no cheating yet
    assert later[-1].printed < 0.9 * first.printed
    assert (
        later[-1].printed < 0.8 * later[-1].optimum
    )  # exact codes on these very atoms, scaled to norm 1
    assert all(event.objective > 0.98 * first.objective for event in later)
    x, B = job.tests.pixels, job.solver.dictionary.detach()
    assert B.norm(dim=0).median() > 1.5
    honest = lasso.solve(x, lasso.normalised(B), 0.1).codes
    assert evaluation.encode(job.solver, x, 0.1).abs().sum() < 0.6 * honest.abs().sum()


@pytest.mark.release
def test_labels_bring_accuracy_that_codes_learned_without_them_do_not_give(begun):
    lesson = BY_TITLE["Labels steer the codes"]
    supervised = run(begun(lesson), epochs=6)
    assert supervised[0].accuracy < 0.2 and supervised[-1].accuracy > 0.9
    alone = begun(replace(lesson, loss="sc2net"))
    unsupervised = run(alone, epochs=6)
    codes = [
        evaluation.encode(alone.solver, images.pixels, 0.1)
        for images in (alone.images, alone.tests)
    ]
    classifier = evaluation.logistic_regression(alone.images, codes[0], alone.tests, codes[1])
    assert 1 - supervised[-1].accuracy < 0.75 * (
        1 - classifier
    )  # a quarter of the errors gone, and more
    assert supervised[-1].objective > 1.1 * unsupervised[-1].objective  # what it pays


def trained(app, title: str, epochs: int):
    """The job of a lesson, after so many epochs of training."""
    place = [lesson.title for lesson in lessons.LESSONS].index(title)
    app.button(key=f"lesson-{place}").click().run()
    assert not app.exception and not app.error
    job = app.session_state["_job"]
    job.until = epochs * job.steps_an_epoch
    job.train()
    app.run()
    assert not app.exception and not app.error and job.step == job.until
    return job


@pytest.mark.release
def test_ten_steps_close_most_of_the_gap_that_an_autoencoder_leaves_on_its_atoms(
    open_page, monkeypatch
):
    monkeypatch.setattr(training_job.Job, "play", lambda job: None)
    app = open_page("train")
    after = [lesson.title for lesson in lessons.LESSONS].index("Ten steps on its atoms")
    assert app.button(key=f"lesson-{after}").disabled  # there is no autoencoder yet
    first = trained(app, "A sparse autoencoder", 5)
    network, x = first.network(), first.tests.pixels[:60].double().numpy()
    state = {key: value.double().numpy() for key, value in network.state_dict().items()}
    rows, D = x - state["offset"], state["weights.B"]
    codes = np.maximum(
        rows @ state["weights.W"].T + state["weights.c"] - 0.1 * state["weights.tau"], 0
    )
    model = Lasso(
        alpha=0.1 / x.shape[1], fit_intercept=False, positive=True, tol=1e-8, max_iter=20_000
    )
    exact = np.array([model.fit(D, row).coef_ for row in rows])
    F, best = (
        (0.5 * np.square(rows - s @ D.T).sum(1) + 0.1 * s.sum(1)).mean() for s in (codes, exact)
    )
    gap = 100 * (F / best - 1)
    assert (
        first.history[-1].excess == pytest.approx(gap, rel=0.15) and gap > 8
    )  # on 500 rows, of which these are some
    second = trained(app, "Ten steps on its atoms", 3)
    assert second.history[-1].excess < 0.6 * first.history[-1].excess
    torch.testing.assert_close(
        second.solver.dictionary.detach(), lasso.normalised(network.dictionary)
    )
    np.testing.assert_allclose(second.tests.pixels[:60].double().numpy(), rows, atol=1e-6)
    with torch.no_grad():
        assert (second.network()(second.tests.pixels, 0.1) >= 0).all()


def test_a_lesson_is_the_same_run_every_time(begun):
    lesson = replace(lessons.LESSONS[0], data="digits", atoms=25, epochs=1)
    one, two = (run(begun(lesson))[-1] for _ in range(2))
    assert one.objective == two.objective
