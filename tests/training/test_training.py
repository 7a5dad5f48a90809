"""`training.fit`: what it promises of a run, on small random data."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from sc2viz import checkpoints, data, lasso, patches, solvers, training
from sc2viz.analysis import unusual
from sc2viz.training import loop, losses
from sc2viz.training.optimiser import Optimiser
from tests.problems import F, stirred

D_X, D_S, STEPS = 12, 16, 3
LEARNED = ("lista", "lfista", "slstm")


def small(n=100, seed=0):
    """Images whose rows are sparse mixtures of four parts, with the heaviest part as label."""
    rng = np.random.default_rng(seed)
    factors = np.random.default_rng(99).random((4, D_X))
    weights = rng.random((n, 4)) ** 3
    pixels = np.clip(weights @ factors / 2 + 0.02 * rng.random((n, D_X)), 0, 1).astype(np.float32)
    return data.Images("small", torch.from_numpy(pixels), torch.from_numpy(weights.argmax(1)), None)


def atoms(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return lasso.normalised(torch.randn(D_X, D_S, generator=generator))


def build(name="slstm", **options):
    return solvers.build(name, atoms(), STEPS, **options)


def run(solver, images=None, loss="sc2net", **options):
    options = {"epochs": 2, "batch_size": 16, **options}
    return list(training.fit(solver, images or small(), loss, **options))


def run_quietly(solver, images, loss="sc2net", epochs=10, **changes):
    """A longer run with an event an epoch at most; the last of them."""
    preset = solver.config.get("preset", "recommended")
    settings = replace(training.recipe(solver, loss, preset), every=20, **changes)
    return run(solver, images, loss, epochs=epochs, settings=settings)[-1]


def weights(solver):
    return {key: value.clone() for key, value in solver.state_dict().items()}


def same(first, second):
    return first.keys() == second.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )


@pytest.mark.parametrize(
    "preset, kind, options",
    [
        ("recommended", torch.optim.Adam, {"lr": 0.01}),
        ("paper", torch.optim.Adadelta, {"lr": 1.0, "rho": 0.95, "eps": 1e-8}),
    ],
)
def test_steps_are_those_of_torchs_own_classes(preset, kind, options):
    settings, endless = training.Settings(rate=options["lr"]), 10**9  # so that the rate stays
    optimiser = Optimiser(build(preset=preset), preset, settings, total=endless)
    scales = [
        group["scale"] * (settings.dictionary_rate if group["atoms"] else 1)
        for group in optimiser.groups
    ]
    start = [parameter.detach().clone() for parameter in optimiser.parameters]
    copies = [nn.Parameter(values.clone()) for values in start]
    rates = [options["lr"] * scale for scale in scales]
    theirs = kind(
        [{"params": [each], "lr": lr} for each, lr in zip(copies, rates, strict=True)], **options
    )
    for step in range(5):
        for parameter, copied in zip(optimiser.parameters, copies, strict=True):
            parameter.grad = torch.randn_like(parameter)
            copied.grad = parameter.grad.clone()
        assert optimiser.take(step, norm=1.0)
        theirs.step()
    assert_close(optimiser.parameters, copies, rtol=0, atol=1e-6)
    assert not any(map(torch.allclose, copies, start))


# Reproducible ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def batches_drawn(monkeypatch):
    """What the loss was called with, at every step: x, λ, and the later number of iterations."""
    calls, original = [], losses.sc2net

    def spy(solver, x, lam, later=None, window=None):
        calls.append((x.clone(), torch.as_tensor(lam).clone(), later))
        return original(solver, x, lam, later=later, window=window)

    monkeypatch.setattr(losses, "sc2net", spy)
    return calls


def recorded_batches(batches_drawn, **options):
    """`drawn` by a run of its own, with the places of the rows instead of x, and λ as a list."""
    batches_drawn.clear()
    images = small(60)
    run(build(), images, validation=images, **options)
    rows = {tuple(row.tolist()): i for i, row in enumerate(images.pixels)}
    return [
        ([rows[tuple(row.tolist())] for row in x], lam.tolist(), later)
        for x, lam, later in batches_drawn
    ]


def test_order_and_lambda_are_drawn_from_seed_epoch_and_sample(batches_drawn):
    expected = recorded_batches(batches_drawn, seed=1, epochs=2, batch_size=20)
    epochs = [sum((rows for rows, *_ in expected[3 * e : 3 * e + 3]), []) for e in (0, 1)]
    assert all(sorted(epoch) == list(range(60)) for epoch in epochs)  # every sample once an epoch
    assert epochs[0] != epochs[1]
    lam = [
        dict(
            pair
            for rows, values, _ in expected[3 * e : 3 * e + 3]
            for pair in zip(rows, values, strict=True)
        )
        for e in (0, 1)
    ]
    assert all(0.01 <= value <= 1 for epoch in lam for value in epoch.values())
    assert len({epoch[7] for epoch in lam}) == 2  # drawn anew every epoch

    smaller = recorded_batches(batches_drawn, seed=1, epochs=1, batch_size=7)
    assert sum((rows for rows, *_ in smaller), []) == epochs[0]
    values = {k: v for rows, prices, _ in smaller for k, v in zip(rows, prices, strict=True)}
    assert values == pytest.approx(lam[0], rel=1e-6)
    seeded = recorded_batches(batches_drawn, seed=2, epochs=1, batch_size=20)
    assert sum((rows for rows, *_ in seeded), []) != epochs[0]


def batches(batches_drawn, **settings):
    """x and λ of ten epochs of one batch each, on pictures of one column."""
    batches_drawn.clear()
    images = replace(small(60), shape=(D_X, 1, 1))
    settings = training.Settings(**settings, rate=1e-6)
    run(build(), images, validation=images, epochs=10, batch_size=60, settings=settings)
    return [torch.stack(tensors) for tensors in [*zip(*batches_drawn, strict=True)][:2]]


@pytest.mark.parametrize("name", ["blended", "deformed"])
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_a_share_of_the_samples_is_changed_and_nothing_else(batches_drawn, name, share):
    """Each in a way of its own, in every epoch."""
    (plain, lam), (changed, same_lam) = (
        batches(batches_drawn),
        batches(batches_drawn, **{name: share}),
    )
    is_changed = (plain != changed).any(2)
    assert torch.equal(lam, same_lam) and is_changed.double().mean() == pytest.approx(
        share, abs=0.07
    )
    assert len(changed[is_changed].unique(dim=0)) == is_changed.sum()


@pytest.mark.parametrize("beyond", [0.0, 0.5])
def test_a_blended_sample_lies_on_the_line_to_another_one(batches_drawn, beyond):
    (plain, _), (changed, _) = (
        batches(batches_drawn),
        batches(batches_drawn, blended=1.0, beyond=beyond),
    )
    shares = []
    for row, mixed in zip(plain.flatten(0, 1), changed.flatten(0, 1), strict=True):
        others, step = small(60).pixels - row, mixed - row
        share = (others @ step) / others.square().sum(1).clamp_min(1e-12)
        distances = (share[:, None] * others - step).norm(dim=1)
        assert distances.min() < 1e-5
        shares.append(share[distances.argmin()].item())
    assert (min(shares), max(shares)) == pytest.approx(
        (-beyond, 1 + beyond), abs=(1 + 2 * beyond) / 20
    )


@pytest.mark.parametrize("changes", [{"deformed": 1.0}, {"blended": 1.0, "beyond": 0.5}])
def test_changed_samples_are_rounded_to_the_grey_levels_of_the_data(batches_drawn, changes):
    (changed, _), (rounded, _) = (
        batches(batches_drawn, **changes),
        batches(batches_drawn, **changes, levels=16),
    )
    assert (changed * 16 % 1).any() and (rounded * 16 % 1 == 0).all()
    assert (rounded - changed).abs().max() <= 1 / 32 + 1e-6
    with pytest.raises(ValueError, match="levels must be > 0"):
        training.Settings(levels=0).check()


def test_unusual_pictures_beside_the_usual_ones_keep_a_network_from_running_away(batches_drawn):
    images, growths = replace(small(60), shape=(3, 4, 1)), []
    others = torch.cat([*unusual.pictures(images, 12, seed=5).values()])
    for share in (0.0, 0.5):
        solver = build("lista")
        with torch.no_grad():
            solver.weights.delta_e += 3 * torch.eye(D_S)
        settings = training.Settings(unusual=share, dictionary_rate=0.1, rate=1e-2)
        run(solver, images, validation=images, epochs=10, batch_size=20, settings=settings)
        growths.append(losses.running_away(solver, others, 0.1).mean().item())
    assert all(torch.equal(batches_drawn[k][0], batches_drawn[30 + k][0]) for k in range(30))
    assert growths[1] < 0.8 * growths[0]


@pytest.mark.parametrize("name", ["deformed", "unusual"])
def test_rows_that_are_no_pictures_are_refused_where_pictures_are_changed(name):
    with pytest.raises(ValueError, match=f"only pictures can be {name}, and rows of .* are none"):
        run(build(), settings=training.Settings(**{name: 1}))


def test_half_of_a_batch_are_the_samples_that_grow_most_beyond_T(monkeypatch):
    """By F of the codes at the later T over that at T, one row at a time."""
    batches_seen, original = [], losses.sc2net
    solver, images = build("lista"), small(80, seed=3)
    with torch.no_grad():
        solver.weights.delta_e += stirred(torch.nn.Linear(D_S, D_S), 0.5).weight

    def spy(solver, x, lam, **horizon):
        batches_seen.append((copy.deepcopy(solver), x.clone(), lam.clone(), horizon["later"]))
        return original(solver, x, lam, **horizon)

    monkeypatch.setattr(losses, "sc2net", spy)
    settings = training.Settings(hardest=3, horizon=8, rate=1e-6)
    run(solver, images, validation=images, epochs=1, batch_size=20, settings=settings)
    draws = loop._draws(80, seed=0, epoch=0)
    order, lam = draws.order, losses.draw_lambda(draws.lam, settings.tilt)[0]
    solver, x, lams, later = batches_seen[0]

    def growth(row):
        sample, price = images.pixels[[row]], lam[row].item()
        both = [
            F(sample, solver(sample, price, T), solver.dictionary, price)[0] for T in (later, STEPS)
        ]
        return both[0] / both[1]

    chosen, following = order[:20].tolist(), order[20:80].tolist()
    expected = chosen[:10] + sorted(following, key=growth, reverse=True)[:10]
    assert torch.equal(x, images.pixels[expected])
    assert_close(
        lams, lam[expected]
    )  # powers of ten may be rounded otherwise at another place in memory
    assert growth(expected[10]) > 1.05 * growth(chosen[0])


def test_lambda_is_drawn_from_the_lowest_on_with_a_share_at_the_highest(batches_drawn):
    recipe = training.recipe(build(), "sc2net", "recommended")
    settings = replace(recipe, lowest=1e-3, at_highest=0.25)
    batches = recorded_batches(batches_drawn, epochs=50, batch_size=60, settings=settings)
    lam = np.concatenate([lam for _, lam, _ in batches])
    assert 1e-3 <= lam.min() < 1.1e-3 and (lam == 1).mean() == pytest.approx(0.25, abs=0.03)
    assert (lam < 1e-2).mean() == pytest.approx(0.25, abs=0.03)  # a third of the others


def test_the_first_version_of_the_recipe_stays_what_it_was():
    """Stored runs name it: what it trained with is written down here, and nothing of it may move."""
    settings = training.recipe(build(preset="recommended-1"), "sc2net", "recommended-1")
    assert settings == training.Settings(
        rate=1e-3, dictionary_rate=10.0, lam=None, tilt=0.25, at_highest=0.0, horizon=None
    )
    assert "v" not in build(preset="recommended-1").state_dict() and "v" in build().state_dict()


# What makes a solver, the rows that it learns from, and the loss; `crops` and `for_patches` stand below.
RESUMED = {
    "recommended": lambda: (build(), small(), "sc2net"),
    "paper": lambda: (build(preset="paper"), small(), "sc2net"),
    "codes": lambda: (build("lista"), small(), "codes"),
    "denoising": lambda: (for_patches(), crops(), "denoising"),
    "recovery": lambda: (solvers.build("na-alista", SIGNALS.dictionary, 6), SIGNALS, "recovery"),
    "top-k": lambda: (build("topk-sae", k=6, batch=True), small(), "autoencoder"),
    "jump-relu": lambda: (build("jump-relu-sae"), small(), "autoencoder"),
}
SIGNALS = data.load("synthetic", n_samples=40, d_x=20, d_s=40, k=2, snr_db=30.0)


@pytest.mark.parametrize("kind", RESUMED)
@pytest.mark.parametrize("step", [0, 3, -2])
def test_a_run_that_goes_on_from_its_file_is_the_same_run(tmp_path, kind, step):
    uninterrupted, images, loss = RESUMED[kind]()
    settings = training.recipe(
        uninterrupted, loss, uninterrupted.config.get("preset", "recommended")
    )
    options = {"epochs": 3, "batch_size": 16, "settings": replace(settings, every=1)}
    events = []
    for event in training.fit(uninterrupted, images, loss, **options):
        path = tmp_path / str(event.step)
        checkpoints.save(uninterrupted, path, {"loss": loss}, event.state())
        events.append((event.step, event.objective))
    path = tmp_path / str(events[step][0])
    loaded, state = checkpoints.load(path), checkpoints.load_training(path)
    remaining_events = training.fit(loaded, images, loss, **options, resume=state)
    objectives = [(event.step, event.objective) for event in remaining_events]
    assert objectives == [event for event in events if event[0] > events[step][0]]
    assert same(weights(loaded), weights(uninterrupted))
    assert checkpoints.load_training(checkpoints.save(loaded, tmp_path / "end")) == {}


def test_resume_refuses_what_is_not_its_state():
    state = run(build(), epochs=1)[-1].state()
    for wrong in (
        {"numbers": torch.zeros(2)},
        {**state, "numbers": torch.zeros(2)},
        {key: value for key, value in state.items() if key != "numbers"},
        {**state, "optimiser.0.exp_avg": torch.zeros(3)},
        {**state, "optimiser.99.exp_avg": torch.zeros(3)},
    ):
        with pytest.raises(ValueError, match="resume must be"):
            run(build(), epochs=2, resume=wrong)
    with pytest.raises(ValueError, match="raise epochs"):
        run(build(), epochs=1, resume=state)


# What the loss decides ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LEARNED)
@pytest.mark.parametrize("preset", ["recommended", "paper"])
@pytest.mark.parametrize("loss", ["codes", "codes-supervised"])
def test_codes_leave_the_dictionary_alone(name, preset, loss):
    solver = build(name, preset=preset, classes=4)
    with torch.no_grad():  # atoms far outside the unit ball, which projecting would move
        for parameter in (solver.weights.encoder,) if preset == "paper" else (solver.weights.B,):
            parameter *= 1.2
    atoms_before = solver.dictionary.detach().clone()
    settings = replace(training.recipe(solver, loss, preset), project=True)
    last = run(solver, loss=loss, settings=settings)[-1]
    assert torch.equal(solver.dictionary, atoms_before)
    assert not torch.equal(solver.W_e, build(name, preset=preset).W_e)
    assert (last.accuracy is not None) == bool(solver.C.any()) == (loss == "codes-supervised")


@pytest.mark.parametrize("preset", ["recommended", "paper"])
def test_a_later_run_with_another_loss_trains_the_dictionary_again(preset):
    solver = build(preset=preset, classes=4)
    run(solver, loss="codes", epochs=1)
    atoms_before, head = solver.dictionary.detach().clone(), solver.C.detach().clone()
    run(solver, loss="sc2net", epochs=1)
    assert not torch.equal(solver.dictionary, atoms_before) and torch.equal(solver.C, head)
    run(solver, loss="supervised", epochs=1)
    assert not torch.equal(solver.C, head)


def test_projected_atoms_stay_in_the_unit_ball_and_free_ones_inflate():
    images = small(300)
    free, projected = (build(preset="paper") for _ in range(2))
    last = run_quietly(free, images, epochs=40)  # Adadelta takes its time
    assert free.dictionary.norm(dim=0).max() > 1.5
    assert (
        last.printed < 0.98 * last.objective
    )  # the loss as printed is cheated (honest: on unit-norm atoms)
    run_quietly(projected, images, project=True)
    assert projected.dictionary.norm(dim=0).max() <= 1 + 1e-5
    recommended = build()
    with torch.no_grad():
        recommended.weights.B *= 3
    run(recommended, epochs=1)
    assert recommended.dictionary.norm(dim=0).max() <= 1 + 1e-6


@pytest.mark.parametrize("name", ["ista", "slstm"])
def test_labels_steer_the_codes(name):
    images = small(300)
    solver = build(name, classes=4)
    last = run_quietly(solver, images, "supervised", rate=1e-2)
    majority = (images.labels[-60:].bincount().max() / 60).item()
    assert last.accuracy > majority + 0.1
    right = solver.classify(images.pixels[-60:], 0.1).argmax(1) == images.labels[-60:]
    assert last.accuracy == pytest.approx(right.double().mean().item())


# Events and stops -----------------------------------------------------------------------------------------------------


def test_events_report_what_the_solver_is_at_that_moment():
    images, x = small(100), small(40, seed=1).pixels
    solver = build(preset="paper")
    for event in training.fit(
        solver, images, epochs=2, batch_size=20, validation=small(40, seed=1)
    ):
        codes, B, lam = solver(x, event.lam), solver.dictionary.detach().double(), event.lam
        norms, unit = B.norm(dim=0), lasso.normalised(B)
        best = lasso.solve(x.double(), unit, lam, tol=1e-8).codes
        costs = F(x, codes, B, lam), F(x, codes * norms, unit, lam), F(x, best, unit, lam)
        numbers = (event.printed, event.objective, event.optimum)
        assert numbers == pytest.approx([cost.mean() for cost in costs], rel=2e-3)
        assert numbers[:2] == pytest.approx([cost.mean() for cost in costs[:2]], rel=1e-5)
        assert event.excess == pytest.approx(100 * (event.objective / event.optimum - 1), rel=1e-6)
        assert event.nonzero == pytest.approx((codes.abs() > 1e-3).double().mean().item())
        assert {*event.gates} == {"input_gate", "forget_gate"}
        assert all(0 < mean < 1 for mean in event.gates.values()) and event.epoch == event.step / 5
    assert event.stopped == "finished" and event.step == 10


@pytest.mark.parametrize("rate, every", [(1e10, 1), (1e30, 1), (1e38, 3)])
def test_a_loss_that_is_not_finite_stops_with_the_last_good_weights(rate, every):
    solver = build()
    settings = training.Settings(rate=1e-3, every=every)
    good_weights = weights(solver), 0
    for event in training.fit(solver, small(), epochs=3, batch_size=16, settings=settings):
        if event.stopped:
            break
        good_weights = weights(solver), event.step
        if event.step >= 2 * every:
            settings.rate = rate
    assert "not finite" in event.stopped and "lower the rate" in event.stopped
    assert same(weights(solver), good_weights[0]) and event.step == good_weights[1]
    assert math.isfinite(event.objective) and torch.isfinite(solver(small().pixels, 0.1)).all()
    assert all(torch.isfinite(value).all() for value in event.state().values())


@pytest.mark.parametrize(
    "poisoned, ends", [((4,), "finished"), (range(4, 30), "not finite at step 24")]
)
def test_beyond_t_a_step_that_is_not_finite_is_left_out_and_many_end_the_run(
    monkeypatch, poisoned, ends
):
    solver, original, kept_weights = build(), losses.sc2net, []

    def poison(solver, x, lam, **later):
        kept_weights.append(weights(solver))
        return original(solver, x, lam, **later) * (
            math.inf if len(kept_weights) in poisoned else 1
        )

    monkeypatch.setattr(losses, "sc2net", poison)
    settings = replace(training.recipe(solver, "sc2net", "recommended"), every=2)
    events = run(solver, epochs=10, settings=settings)
    assert ends in events[-1].stopped and (events[-1].skipped == 1) == (len(poisoned) == 1)
    assert same(kept_weights[3], kept_weights[4]) and not same(
        kept_weights[2], kept_weights[3]
    )  # the fourth step was left out
    assert same(weights(solver), kept_weights[3]) == (len(poisoned) > 1)


def test_decay_takes_its_share_off_all_matrices_but_the_atoms():
    """One step with it and one without: what is left differs by rate · decay in matrices, and in nothing else."""
    remaining = []
    for decay in (0.0, 0.3):
        solver = build("slstm")
        with torch.no_grad():
            solver.W_is.copy_(torch.rand(D_S, D_S, generator=torch.Generator().manual_seed(0)))
        settings = training.Settings(rate=1e-2, lam=0.1, decay=decay)
        run(solver, epochs=1, batch_size=100, settings=settings)
        remaining.append(weights(solver))
    for name, value in remaining[0].items():
        rate = 1e-2 * (0.5 if name == "weights.delta_d" else 1)
        share = 1 - 0.3 * rate if value.ndim == 2 and name != "weights.B" else 1
        torch.testing.assert_close(remaining[1][name], share * value, rtol=1e-5, atol=0)


def test_it_stops_at_a_plateau():
    settings = training.Settings(rate=1e-12, lam=0.1, plateau=1e-3)
    events = run(build(), epochs=50, settings=settings)
    assert events[-1].stopped == "plateau" and 1 <= events[-1].epoch < 3
    assert (
        run(build(), epochs=3, settings=replace(settings, plateau=None))[-1].stopped == "finished"
    )


def test_another_lambda_is_no_plateau():
    settings = training.Settings(rate=1e-12, lam=0.01, plateau=1e-3, every=1)
    for event in training.fit(build(), small(), epochs=5, batch_size=16, settings=settings):
        settings.lam = 0.01 if event.epoch < 0.5 else 0.8  # a higher objective from here on
        if event.stopped:
            break
    assert event.stopped == "plateau" and event.epoch >= 1.5


def test_settings_take_effect_while_it_runs(batches_drawn):
    solver, settings = build(), training.Settings(lam=0.1, every=1, project=False)
    weights_before, changes = weights(solver), []
    for event in training.fit(solver, small(), epochs=2, batch_size=16, settings=settings):
        changes.append(not same(weights(solver), weights_before))
        weights_before = weights(solver)
        assert event.lam == (0.1 if event.step <= 3 else 0.4)
        settings.lam = 0.4 if event.step >= 3 else 0.1
        settings.rate = 0.0 if event.step >= 5 else settings.rate
    assert changes == [True] * 5 + [False] * (len(changes) - 5)
    assert [lam for _, lam, _ in batches_drawn] == pytest.approx(
        [0.1] * 3 + [0.4] * (len(changes) - 3)
    )


def test_stop_ends_it_after_the_step_at_hand_with_an_event():
    solver, settings = build(), training.Settings(every=10**9)
    events = training.fit(solver, small(), epochs=3, batch_size=16, settings=settings)
    settings.stop = True
    (event,) = events
    assert event.stopped == "interrupted" and event.step == 1 and not solver.training


def test_spikes_of_the_gradient_are_clipped_and_skipped():
    solver, late = build(), training.SPIKE_WARM_UP
    optimiser = Optimiser(solver, "recommended", training.Settings(), total=100)

    def take(step, norm):
        for parameter in solver.parameters():
            parameter.grad = torch.ones_like(parameter)
        return optimiser.take(step, norm)

    assert take(0, 1.0) and optimiser.typical_norm == 1.0
    assert take(1, 8.0) and optimiser.typical_norm == pytest.approx(0.99 + 0.01 * 2)
    assert solver.a.grad.tolist() == pytest.approx([2 / 8] * D_S)
    assert not take(late + 1, 11.0) and optimiser.skipped == 1
    optimiser.settings.clip = 5.0
    assert take(late + 2, 1000.0) and optimiser.skipped == 1
    assert solver.a.grad.tolist() == pytest.approx([5 / 1000] * D_S)


# Refused --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change, message",
    [
        (
            {"loss": "mse"},
            "loss must be one of codes, sc2net, supervised, codes-supervised, denoising, autoencoder, recovery, got 'mse'",
        ),
        ({"preset": "best"}, "preset must be one of"),
        ({"epochs": 1.5}, "epochs must be a whole number ≥ 1, got 1.5"),
        ({"validation": small()[:0]}, "validation must hold at least one picture, got none"),
        (
            {"images": data.Images("narrow", torch.rand(9, 5))},
            "narrow has 5 values a picture, the solver 12",
        ),
        ({"images": small(1)}, "at least two pictures"),
        ({"images": data.Images("holes", torch.full((9, D_X), torch.nan))}, "holes must be finite"),
        ({"loss": "supervised"}, "needs a softmax head: build the solver with classes="),
        (
            {"loss": "supervised", "classes": 4, "images": replace(small(), labels=None)},
            "needs labels, and small has none",
        ),
        ({"loss": "codes", "name": "fista"}, "fista has nothing else to learn: use sc2net"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(change, message):
    change = {"name": "slstm", "classes": None, "images": small(), **change}
    solver = build(change.pop("name"), classes=change.pop("classes"))
    with pytest.raises(ValueError, match=message):
        training.fit(solver, change.pop("images"), **change)  # at the call, not at the first event


def test_weights_that_are_not_finite_are_refused():
    solver = build()
    with torch.no_grad():
        solver.W_is[0, 0] = torch.nan
    with pytest.raises(ValueError, match="weights must be finite"):
        run(solver)


def test_an_event_before_the_first_step_tells_of_the_untrained_network():
    solver, settings = build(), training.Settings(measured_at=0.3)
    start, x = weights(solver), small()[-20:].pixels
    F = lasso.honest_objective(x, solver(x, 0.3), solver.dictionary, 0.3).mean().item()
    options = {"epochs": 1, "batch_size": 16, "from_start": True}
    first, *_ = events = [*training.fit(solver, small(), settings=settings, **options)]
    assert (first.step, first.lam, first.stopped) == (0, 0.3, None) and math.isnan(first.loss)
    assert first.objective == pytest.approx(F, rel=1e-6) and events[-1].lam == 0.3
    untrained = build()
    run(untrained, epochs=1, settings=training.Settings())
    assert not same(weights(solver), start) and same(weights(solver), weights(untrained))


@pytest.mark.parametrize("name", ["rate", "lam", "dictionary_rate", "cross_entropy", "plateau"])
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_settings_that_no_run_can_have_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be"):
        training.Settings(**{name: value}).check()
    for none in (0.0, None):
        with pytest.raises(ValueError, match=f"rate must be > 0 and finite, got {none}"):
            training.Settings(rate=none).check()


def test_the_dictionary_moves_at_its_own_rate():
    distances = []
    for rate in (0.0, 1.0, 10.0):  # one step: Adam's first is rate · sign
        solver = build()
        settings = training.Settings(dictionary_rate=rate, lam=0.1, project=False)
        run(solver, epochs=1, batch_size=100, settings=settings)
        distances.append((solver.dictionary - atoms()).abs().amax().item())
    assert distances == pytest.approx([0, 1e-3, 1e-2], rel=1e-3, abs=1e-6)


# Denoising ------------------------------------------------------------------------------------------------------------


def crops(n=24, side=9, seed=0):
    """Square pictures of random steps, 9×9."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.repeat(rng.random((n, 3, 3)), side // 3, 1), side // 3, 2)
    return data.Images(
        "crops", torch.from_numpy(rows.reshape(n, -1).astype(np.float32)), shape=(side, side, 1)
    )


def for_patches(name="lista", size=4):
    generator = torch.Generator().manual_seed(0)
    return solvers.build(
        name, lasso.normalised(torch.randn(size**2, 24, generator=generator)), STEPS
    )


@pytest.mark.parametrize("name", [*LEARNED, "ista"])
@pytest.mark.parametrize("side", [4, 9])
def test_networks_learn_to_remove_noise(name, side):
    """From patches, and from larger pictures through their average."""
    images = (
        crops(60)
        if side == 9
        else data.Images("patches", patches.cut(patches.to_pictures(crops(20).pixels), 4))
    )
    solver = for_patches(name)
    events = run(solver, images, "denoising", epochs=4, validation=images[:5])
    assert events[-1].stopped == "finished" and events[-1].loss < 0.9 * events[0].loss
    assert (patches.averaging_of(solver) is not None) == (side == 9)


def test_the_noise_is_of_a_sigma_that_is_drawn_from_its_range(monkeypatch):
    sigmas, real = [], losses.denoising

    def watched(solver, x, lam, sigma, noise, **horizon):
        sigmas.append((lam, sigma, noise))
        return real(solver, x, lam, sigma, noise, **horizon)

    monkeypatch.setattr(losses, "denoising", watched)
    options = {"settings": training.Settings(lam_per_sigma=1.5), "validation": crops(5)}
    run(for_patches(), crops(200), "denoising", epochs=1, **options)
    lam, sigma, noise = map(torch.cat, zip(*sigmas, strict=True))
    assert_close(lam, 1.5 * sigma)
    assert (noise.std(1) / sigma - 1).abs().max() < 0.5
    low, high = losses.SIGMA_RANGE
    assert (sigma.min().item(), sigma.max().item()) == pytest.approx(
        (low, high), abs=(high - low) / 10
    )


def test_pictures_of_another_kind_are_refused():
    colour = data.Images("colour", torch.rand(10, 9 * 9 * 3), shape=(9, 9, 3))
    with pytest.raises(ValueError, match="colour has 243 values a picture, the solver 16"):
        run(for_patches(), colour, "denoising")
    with pytest.raises(ValueError, match="crops has 81 values a picture, the solver 16"):
        run(for_patches(), crops(), "sc2net")


class Odd(solvers.ISTA):
    """Of a file outside the package, with other ways to learn."""

    name, label, config = "odd", "Odd", {}

    def fit_by_search(self, images, lam):
        raise KeyError("nothing was found")


def test_a_search_that_fails_is_named():
    run = training.fit(Odd(atoms(), STEPS), small(), epochs=1)
    with pytest.raises(
        solvers.Failed,
        match=r"Odd failed in test_training\.py, line \d+: KeyError: 'nothing was found'",
    ):
        list(run)


class Still(solvers.ISTA):
    """Of a file outside the package, of which nothing learns."""

    name, label, config = "still", "Still", {}

    def parameter_groups(self):
        return []


class Unused(Still):
    """Of a file outside the package, whose one group has nothing that its codes depend on."""

    name, label = "unused", "Unused"

    def __init__(self, B, steps):
        super().__init__(B, steps)
        self.never = nn.Parameter(B.new_zeros(3))

    def parameter_groups(self):
        return [{"params": [self.never]}]


@pytest.mark.parametrize("make", [Still, Unused])
def test_a_solver_of_which_nothing_learns_is_refused(make):
    message = r"does not keep .* \(test_training\.py, line \d+\): the loss sc2net reaches none of the parameters"
    with pytest.raises(ValueError, match=f"{make.label} {message} that parameter_groups names"):
        run(make(atoms(), STEPS), epochs=1)


@pytest.mark.parametrize(
    "groups, message",
    [
        (lambda odd: {}["rate"], "KeyError: 'rate'"),
        (lambda odd: odd.parameters(), "must return dicts of params, .* got Parameter"),
        (lambda odd: [{"params": list(odd.parameters()), "lr": 1}], r"got \['lr', 'params'\]"),
        (lambda odd: [{"params": next(odd.parameters())}], "params, which is a list"),
    ],
)
def test_groups_of_parameters_that_are_none_are_named(monkeypatch, groups, message):
    monkeypatch.setattr(Odd, "parameter_groups", groups)
    with pytest.raises(solvers.Failed, match=rf"Odd failed in test_training\.py, .*{message}"):
        Optimiser(Odd(atoms(), STEPS), "recommended", training.Settings(), total=1)


def test_parameters_that_the_loss_leaves_alone_are_no_parameters_that_learn(monkeypatch):
    """Exact codes belong to the dictionary, which stays: a group of that alone has nothing to learn from them."""
    lista = build("lista")
    monkeypatch.setattr(
        type(lista), "parameter_groups", lambda self: [{"params": [self.weights.B]}]
    )
    assert run(lista, epochs=1)[-1].stopped == "finished"
    with pytest.raises(
        ValueError, match="LISTA does not keep .*: the loss codes reaches none of the parameters"
    ):
        run(lista, loss="codes", epochs=1)


def test_what_is_built_is_ready_to_code():
    assert not any(solvers.build(name, atoms()).training for name in solvers.NAMES)
