"""Every lesson of Train live shows what its words promise, on its own numbers."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from sc2viz import data, evaluation, lasso, solvers, training
from sc2viz.jobs.training_job import Training
from sc2viz.pages.train import runs
from sc2viz.ui import url

TITLES = [lesson["title"] for lesson in runs.LESSONS]


@pytest.fixture
def begin(open_page, monkeypatch):
    """The job that the page begins at a click on a lesson's button, before its first step."""
    monkeypatch.setattr(Training, "play", lambda job: None)
    app = open_page("train")

    def click(title: str) -> Training:
        app.button(key=f"lesson-{TITLES.index(title)}").click().run()
        assert not app.exception and not app.error
        return app.session_state["_job"]

    click.app = app
    return click


def run(job: Training, epochs: int, until=lambda event: False) -> list:
    """An event before the first step and after every epoch, the last one that after which `until(event)` holds."""
    job.settings.every = job.steps_an_epoch
    options = job.options | {"settings": job.settings, "validation": job.tests, "epochs": epochs}
    events = []
    for event in training.fit(job.solver, job.images, from_start=True, **options):
        events.append(event)
        job.settings.stop = until(event)
    return events


def excess(name, x, B, lam, steps):
    F = lasso.objective(x, solvers.build(name, B, steps)(x, lam), B, lam)
    return evaluation.excess(F, lasso.objective(x, lasso.solve(x, B, lam).codes, B, lam)).item()


@pytest.mark.parametrize("title", TITLES[:-1])
def test_a_lesson_sets_what_it_says_and_all_else_as_the_page_opens(begin, title):
    lesson, job = runs.LESSONS[TITLES.index(title)], begin(title)
    state = begin.app.session_state
    assert all(state[row] == lesson.get(row, url.default(row)) for row in (*runs.ROWS, "data"))
    assert lesson["data"] in data.BUILT_IN and job.setup.name == state["trainee"]
    assert any(lesson["watch"] in element.value for element in begin.app.markdown)
    # so that no network that is made here runs away beyond T
    assert (job.settings.horizon is None) == (job.setup.loss != "sc2net")


@pytest.mark.release
def test_slstm_starts_as_ista_and_comes_nearer_than_fista_in_the_first_epochs(begin):
    """The button of this lesson stands on the page, not in the menu."""
    begin.app.button(key="first-lesson").click().run()
    job = begin.app.session_state["_job"]
    x, lam, B = job.tests.pixels, job.frame.lam, job.network().dictionary
    ista, fista = excess("ista", x, B, lam, 10), excess("fista", x, B, lam, 10)
    events = run(job, 6, until=lambda event: job.distance(event) < fista)
    assert (
        job.distance(events[-2]) < fista and events[-1].epoch <= 5
    )  # it stops a step after it was asked to
    assert events[0].excess == pytest.approx(ista, rel=0.05) and fista < ista
    with torch.no_grad():  # it is not the atoms
        assert excess("ista", x, lasso.normalised(job.solver.dictionary), lam, 10) > fista


@pytest.mark.release
def test_the_printed_loss_sinks_below_what_is_possible_while_the_honest_objective_stays(begin):
    job = begin("The loss that cheats")
    initial, first, *later = run(job, 4)
    assert initial.printed == pytest.approx(initial.objective, rel=1e-5)  # no cheating yet
    # exact codes on these very atoms, scaled to norm 1
    assert later[-1].printed < min(0.9 * first.printed, 0.8 * later[-1].optimum)
    assert all(event.objective > 0.98 * first.objective for event in later)
    assert job.solver.dictionary.detach().norm(dim=0).median() > 1.5


@pytest.mark.release
def test_labels_bring_accuracy_that_codes_learned_without_them_do_not_give(begin):
    supervised = run(begin("Labels steer the codes"), 6)
    assert supervised[0].accuracy < 0.2 and supervised[-1].accuracy > 0.9
    begin.app.session_state["loss"] = "sc2net"
    begin.app.button(key="reset").click().run()
    alone = begin.app.session_state["_job"]
    unsupervised = run(alone, 6)
    splits = alone.images, alone.tests
    codes = [evaluation.encode(alone.solver, images.pixels, 0.1) for images in splits]
    classifier = evaluation.logistic_regression(splits[0], codes[0], splits[1], codes[1])
    assert 1 - supervised[-1].accuracy < 0.75 * (1 - classifier)
    assert supervised[-1].objective > 1.1 * unsupervised[-1].objective  # what it pays


def trained(begin, title: str, epochs: int) -> Training:
    job = begin(title)
    job.until = epochs * job.steps_an_epoch
    job.train()
    begin.app.run()
    assert not begin.app.exception and not begin.app.error and job.step == job.until
    return job


@pytest.mark.release
def test_ten_steps_close_most_of_the_gap_that_an_autoencoder_leaves_on_its_atoms(begin):
    label = "Ten steps on its atoms"
    assert begin.app.button(key=f"lesson-{TITLES.index(label)}").disabled  # no autoencoder yet
    first = trained(begin, "A sparse autoencoder", 5)
    network, x = first.network(), first.tests.pixels[:60].double().numpy()
    state = {key: value.double().numpy() for key, value in network.state_dict().items()}
    rows, D = x - state["offset"], state["weights.B"]
    threshold = state["weights.c"] - 0.1 * state["weights.tau"]
    codes = np.maximum(rows @ state["weights.W"].T + threshold, 0)
    model = Lasso(0.1 / x.shape[1], fit_intercept=False, positive=True, tol=1e-8, max_iter=20_000)
    exact = np.array([model.fit(D, row).coef_ for row in rows])
    F, best = (
        (0.5 * np.square(rows - s @ D.T).sum(1) + 0.1 * s.sum(1)).mean() for s in (codes, exact)
    )
    # on 500 rows, of which these are some
    assert (
        first.history[-1].excess == pytest.approx(100 * (F / best - 1), rel=0.15)
        and 1.08 * best < F
    )
    second = trained(begin, label, 3)
    assert second.history[-1].excess < 0.6 * first.history[-1].excess
    torch.testing.assert_close(
        second.solver.dictionary.detach(), lasso.normalised(network.dictionary)
    )
    with torch.no_grad():
        assert (second.network()(second.tests.pixels, 0.1) >= 0).all()
