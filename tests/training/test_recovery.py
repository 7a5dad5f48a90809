"""Training by the true codes of signals that are drawn anew for every batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sc2viz import data, evaluation, solvers, training
from sc2viz.training import losses

OPTIONS = dict(n_samples=640, d_x=20, d_s=40, k=2, snr_db=30.0)


def signals(split="train", **options):
    return data.load("synthetic", split, **{**OPTIONS, **options})


def fitted(name, images, epochs=20, seed=0, steps=6, **options):
    solver = solvers.build(name, images.dictionary, steps=steps, **options)
    events = list(training.fit(solver, images, "recovery", epochs=epochs, batch_size=64, seed=seed))
    return solver, events


def test_the_loss_is_the_logarithm_of_the_nmse_of_a_batch():
    images = signals()
    solver = solvers.build("alista", images.dictionary, steps=6)
    for steps in (None, 3):
        loss = losses.recovery(solver, images.pixels, 0.1, images.codes, steps=steps).detach()
        codes = solver(images.pixels, 0.1, steps=steps).detach().numpy()
        expected = np.log(
            ((codes - images.codes.numpy()) ** 2).sum() / (images.codes.numpy() ** 2).sum()
        )
        assert loss.shape == (len(images),) and loss.numpy() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "options", "factor", "epochs"),
    [
        ("alista", {"selection": True}, 3, 6),
        ("glista", {"analytic": True}, 3, 6),
        ("hyperlista", {}, 3, 6),
        pytest.param("na-alista", {}, 3, 20, marks=pytest.mark.release),
        ("slstm", {}, 0.5, 20),
        ("lfista", {}, 0.5, 15),
    ],  # these learn more slowly
    ids=str,
)
def test_networks_come_nearer_to_true_codes_that_they_have_not_seen(name, options, factor, epochs):
    images, others = signals(), signals("test")
    codes_before = solvers.build(name, images.dictionary, steps=6, **options)(
        others.pixels, 0.1
    ).detach()
    solver, events = fitted(name, images, epochs, **options)
    codes_after = solver(others.pixels, 0.1).detach()
    assert (
        evaluation.nmse(codes_after, others.codes)
        < evaluation.nmse(codes_before, others.codes) - factor
    )
    assert events[-1].stopped == "finished" and torch.equal(solver.dictionary, images.dictionary)
    held_out = training.hold_out(images)[1]
    expected = evaluation.nmse(solver(held_out.pixels, 0.1).detach(), held_out.codes)
    assert events[-1].nmse == pytest.approx(expected, abs=1e-4)


@pytest.fixture
def calls_seen(monkeypatch):
    """What the loss was given, batch by batch: x, the true codes, and the layers in use."""
    calls, loss = [], losses.recovery

    def watched(solver, x, lam, target, steps=None):
        calls.append((x.clone(), target.clone(), steps))
        return loss(solver, x, lam, target, steps)

    monkeypatch.setattr(losses, "recovery", watched)
    return calls


def test_every_batch_is_drawn_anew_from_the_law_and_the_seed(calls_seen):
    images = signals()
    batches = {}
    for seed in (0, 0, 1):
        fitted("alista", images, epochs=2, seed=seed)
        batches.setdefault(seed, []).append(torch.cat([x for x, *_ in calls_seen]))
        calls_seen.clear()
    assert torch.equal(*batches[0]) and not torch.equal(batches[0][0], batches[1][0])
    rows = np.concatenate(
        [replace(images, pixels=x).digests() for x in (batches[0][0], batches[1][0])]
    )
    assert len(np.unique(rows)) == len(rows) == 2 * len(batches[0][0])
    assert not np.isin(rows, np.concatenate([images.digests(), signals("test").digests()])).any()


def test_codes_without_a_law_are_taken_as_they_are(calls_seen):
    images = replace(signals(n_samples=100), law=None)
    fitted("alista", images, epochs=1)
    x = torch.cat([x for x, *_ in calls_seen])
    assert np.isin(replace(images, pixels=x).digests(), images.digests()).all()


def test_layers_grow_from_two_to_all_over_the_first_half(calls_seen):
    fitted("alista", signals(), epochs=20, steps=12)
    layers = [steps for *_, steps in calls_seen]
    assert layers[0] == 2 and layers == sorted(layers) and set(layers) == set(range(2, 13))
    assert 0.4 < layers.index(12) / len(layers) <= 0.5


def test_what_the_loss_needs_is_said():
    images = signals()
    with pytest.raises(
        ValueError, match="the recovery loss needs true codes, and digits has none: take synthetic"
    ):
        fitted("slstm", replace(data.load("digits"), dictionary=torch.eye(64)))
    with pytest.raises(
        ValueError,
        match="the recovery loss keeps the dictionary, and fista has nothing else to learn",
    ):
        fitted("fista", images)
    with pytest.raises(
        ValueError,
        match="the recovery loss needs a solver on the true atoms of synthetic, got others",
    ):
        solver = solvers.build("alista", images.dictionary.flip(1))
        next(training.fit(solver, images, "recovery"))
