"""Films of dictionaries: their frames and their end."""

import time

import numpy as np
import pytest
import torch

from sc2viz import data, dictionary
from sc2viz.jobs import dictionary_learning, scheduling


@pytest.fixture
def scheduler():
    instance = scheduling.Scheduler(scheduling.Limits(threads=2, frames=12, absence=0.05, nice=1))
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def rows():
    return data.load("digits").pixels[:600]


def finished(film):
    film.start()
    film.wait(60)
    assert film.done
    return film


def test_a_film_ends_with_what_learning_finds(scheduler, rows):
    results = []
    film = finished(
        dictionary_learning.Film(
            rows,
            12,
            0.3,
            scheduler,
            epochs=3,
            positive=True,
            finish=lambda B: results.append(B) or "seen",
        )
    )
    expected = dictionary.learn(rows, 12, 0.3, max_epochs=3, positive=True)
    assert (
        torch.equal(film.dictionary, expected)
        and torch.equal(results[0], expected)
        and film.result == "seen"
    )
    frames = film.frames
    assert [frame.samples for frame in frames] == sorted({frame.samples for frame in frames})
    assert frames[0].samples == 0 and frames[-1].samples == 3 * 540 and len(frames) <= 12
    np.testing.assert_allclose(frames[-1].atoms, expected.numpy(), atol=1e-3)
    assert film.blank == pytest.approx(0.5 * (rows.numpy() ** 2).sum(1).mean(), rel=1e-5)
    assert film.history[0][1] > film.history[-1][1] and film.history[-1][0] == 3 * 540
    assert film.nbytes >= sum(frame.atoms.nbytes for frame in frames)


@pytest.mark.parametrize("reason", ["cancelled", "its reader has left"])
def test_it_ends_within_an_epoch_and_keeps_its_atoms(scheduler, rows, reason):
    film = dictionary_learning.Film(rows.repeat(40, 1), 60, 0.05, scheduler, finish=lambda B: 1)
    film.start()
    while film.frame is None or film.frame.samples < 500:
        time.sleep(0.01)
    if reason == "cancelled":
        film.cancel()
    else:
        film.gone = time.monotonic()
    start = time.monotonic()
    film.wait(10)
    assert film.done and not film.problem and time.monotonic() - start < 5
    assert film.passed < 1 and not film.objectives
    np.testing.assert_allclose(film.dictionary, film.frames[-1].atoms, atol=1e-3)
    assert film.result == (1 if reason == "cancelled" else None)


def test_a_film_by_the_other_rule_counts_replaced_atoms(scheduler, rows):
    film = finished(
        dictionary_learning.Film(rows, 40, 0.3, scheduler, epochs=16, rule="cross-fitted")
    )
    assert torch.equal(
        film.dictionary, dictionary.learn(rows, 40, 0.3, max_epochs=16, rule="cross-fitted")
    )
    counts = [frame.replaced for frame in film.frames]
    assert counts == sorted(counts) and counts[0] == 0 < counts[-1] and film.share == 1
    assert dictionary_learning.Film(rows, 40, 0.3, scheduler, rule="cross-fitted").epochs > 20


def test_what_cannot_be_learned_says_why(scheduler, rows):
    film = finished(dictionary_learning.Film(rows - 0.5, 5, 0.1, scheduler, positive=True))
    assert "x must be ≥ 0" in film.problem and film.frames == []
