"""Train live without a browser: what its buttons do to the run, whose the network is, and that a run can be repeated."""

import threading
import time
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from pages.seen import told, turn_to
from safetensors.torch import load as from_bytes
from saving import saved

from sc2viz import checkpoints, data, dictionary, solvers, training
from sc2viz.jobs import scheduling
from sc2viz.pages.train import frames, runs
from sc2viz.solvers import registry
from sc2viz.training import losses
from sc2viz.ui import cache, models, schedulers


@pytest.fixture
def opened(open_page):
    apps = []

    def visit(**query):
        apps.append(open_page("train", **{"data": "digits", "more": "true", **query}))
        return apps[-1]

    yield visit
    for app in apps:
        job(app).close()


def job(app):
    return app.session_state["_job"]


def press(app, key: str):
    app.button(key=key).click().run()
    assert not app.exception and not app.error
    return app


def settle(app):
    for _ in range(24000):  # two minutes, on a machine that is busy
        if job(app).status not in ("training", "waiting"):
            app.run()
            assert not app.exception and not app.error
            return job(app)
        time.sleep(0.005)
    raise AssertionError("it goes on and on")


def visit(app, page: str, **solver):
    turn_to(app, page)
    if solver:
        app.pills(key="solvers").set_value([solver["shows"]]).run()
    assert not app.exception and not app.error
    return app


def texts(app) -> str:
    return "\n".join(element.value for kind in (app.markdown, app.caption) for element in kind)


def same(network: torch.nn.Module, expected: torch.nn.Module) -> bool:
    theirs = expected.state_dict()
    return all(torch.equal(value, theirs[key]) for key, value in network.state_dict().items())


# Buttons and settings -------------------------------------------------------------------------------------------------


@pytest.fixture
def running(monkeypatch):
    """An event; while it is not set, a run waits after its next step."""
    runs, fit = threading.Event(), training.fit

    def waiting(*arguments, **options):
        for event in fit(*arguments, **options):
            yield event
            runs.wait(60)

    monkeypatch.setattr(training, "fit", waiting)
    runs.set()
    return runs


def test_a_new_reader_finds_an_untrained_network_and_buttons_do_what_they_say(opened, running):
    app = opened(epochs="3")
    assert (job(app).status, job(app).step, job(app).setup.solver) == ("ready", 0, "slstm")
    press(app, "one-step")
    assert settle(app).step == 1
    press(app, "one-epoch")
    assert settle(app).step == job(app).steps_an_epoch
    running.clear()
    press(app, "play")
    assert app.button(key="play").label == "Pause"
    press(app, "play")
    running.set()
    assert settle(app).status == "paused"
    press(app, "stop")
    assert job(app).stopped == "interrupted" and "was stopped" in texts(app)
    press(app, "play")
    assert settle(app).stopped == "finished"
    job_before = job(app)
    press(app, "reset")
    assert job(app) is not job_before and job_before.closed and job(app).status == "ready"


def test_initial_atoms_are_learned_in_the_background_with_progress(open_page, monkeypatch):
    release, learning = threading.Event(), dictionary.learning

    def slowly(*arguments, report, **options):
        for progress in learning(*arguments, report=report, **options):
            yield progress
            release.wait(60)

    monkeypatch.setattr(dictionary, "learning", slowly)
    scheduler = scheduling.Scheduler(scheduling.Limits())
    monkeypatch.setattr(runs.schedulers, "scheduler", lambda kind: scheduler)
    cache.DICTIONARIES.values.clear()
    monkeypatch.setattr(runs, "UNSEEN_SECONDS", 0.0)
    app = open_page("train", data="digits", atoms="16")
    assert "_job" not in app.session_state
    assert app.header[0].value == "Learning 16 atoms"
    release.set()
    monkeypatch.setattr(runs, "UNSEEN_SECONDS", 60.0)
    app.run()
    assert job(app).frame.atoms.shape == (64, 16) and not app.header
    job(app).close()


def test_what_is_set_up_takes_effect_at_once_only_while_nothing_would_be_lost(opened):
    app = opened()
    app.selectbox(key="trainee").set_value("LISTA").run()
    app.number_input(key="T").set_value(3).run()
    assert job(app).setup.solver == job(app).solver.name == "lista" and job(app).solver.steps == 3
    press(app, "one-step")
    trained = settle(app)
    app.selectbox(key="trainee").set_value("SLSTM").run()
    assert job(app) is trained and "settings have changed" in texts(app)
    press(app, "reset")
    assert job(app).solver.name == "slstm"


def test_rate_and_lambda_change_on_the_way_and_the_baseline_follows(opened):
    app = opened()
    lam_before = app.session_state["lam"]
    press(app, "one-epoch")
    settle(app)
    app.selectbox(key="rate").set_value(1e-3).run()
    app.toggle(key="every").set_value(False).run()
    app.number_input(key="lam").set_value(0.2).run()
    press(app, "one-step")
    run = settle(app)
    assert (run.settings.rate, run.settings.lam) == (1e-3, 0.2)
    turn = run.steps_an_epoch
    assert frames.describe_changes(run.changes) == [(turn, "rate 0.001, λ = 0.2 from here")]
    measured = {
        lam_before: {"excess": 30.0, "accuracy": None},
        0.2: {"excess": 70.0, "accuracy": None},
    }
    model = models.public("digits")["FISTA"]
    line = frames.draw_curves(run, run.frames, model, measured.__getitem__, False)[0].lines[1]
    assert [line.values[line.places <= turn].max(), line.values[-1]] == [30, 70]
    assert [line.by_axis["t"][k] for k in (0, -1)] == [30, 70]


def test_what_cannot_be_is_not_offered_or_said(opened, monkeypatch):
    app = opened(data="patches")
    assert set(app.selectbox(key="loss").options) == {"codes", "denoising", "objective F"}
    app.selectbox(key="trainee").set_value("FISTA").run()
    assert app.selectbox(key="loss").options == ["objective F", "denoising"]
    monkeypatch.setenv("SC2VIZ_TRAIN_MEGABYTES", "1")
    limits = scheduling.Limits.from_environment()
    monkeypatch.setattr(schedulers.scheduler("training"), "limits", limits)
    app.selectbox(key="trainee").set_value("SLSTM").run()
    assert not app.exception and "fewer atoms" in app.error[0].value


def test_a_link_sets_the_whole_run_with_more_closed_and_keeps_it(opened):
    view = {
        "rate": "0.01",
        "every": "false",
        "optimiser": "Adadelta",
        "project": "false",
        "weight": "30",
    }
    view |= {
        "plateau": "true",
        "beside": "LISTA",
        "loss": "supervised",
        "activation": "double-tanh",
    }
    app = opened(**view, lam="0.2", more="false")
    run = job(app)
    setup, run_settings = run.setup, run.settings
    assert (setup.optimiser, setup.activation, setup.loss) == (
        "Adadelta",
        "double-tanh",
        "supervised",
    )
    assert (
        run_settings.rate,
        run_settings.lam,
        run_settings.project,
        run_settings.cross_entropy,
    ) == (0.01, 0.2, False, 30.0)
    assert run_settings.plateau and not app.toast
    assert job(visit(visit(app, "compare"), "train")) is run and run.settings.rate == 0.01
    assert set(view) <= set(app.query_params)


@pytest.mark.parametrize("loss", losses.NAMES[:6])  # those that can be chosen
def test_it_says_from_what_a_network_learns_whatever_the_loss(opened, monkeypatch, loss):
    compute = Mock(wraps=getattr(losses, name := loss.replace("-", "_")))
    monkeypatch.setattr(losses, name, compute)
    app = opened(
        trainee="ReLU SAE" if loss in losses.BY_SOLVER else "SLSTM",
        loss=loss,
        batch="32",
        start="pictures",
    )
    sentence = frames.describe_step(job(app))
    settle(press(app, "one-step"))
    batch = compute.call_args
    assert (
        f"codes {len(batch.args[1])} of 1,438 training pictures in "
        f"{'10–30' if batch.kwargs.get('later') else '10'} iterations"
    ) in sentence
    assert ("exact codes" in sentence) == (loss in losses.REGRESSING)
    assert ("labels" in sentence) == (loss in losses.LABELLED) and len(sentence.split()) <= 40


@pytest.mark.parametrize(
    ("name", "start"), [("ISTA", "strokes"), ("Adaptive ISTA", "pictures"), ("LFISTA", "noise")]
)
def test_every_solver_and_start_can_be_trained(opened, name, start):
    app = opened(trainee=name, start=start, atoms="25")
    assert job(app).setup.start == start and job(app).frame.atoms.shape == (64, 25)
    press(app, "one-step")
    assert settle(app).step == 1


def test_a_solver_with_activations_of_its_own_keeps_its_default(monkeypatch):
    class Soft(solvers.ISTA):
        traits = solvers.Traits(learned=True, untrained="equals ISTA")

        def __init__(self, B, steps=10, classes=None, activation="soft"):
            super().__init__(B, steps, classes)

    monkeypatch.setitem(registry._solvers, "soft", Soft)
    assert not runs.takes_activation("soft") and runs.takes_activation("slstm")


@pytest.mark.parametrize(
    ("query", "bounded"),
    [({}, True), ({"preset": "paper"}, False), ({"loss": "supervised"}, False)],
)
def test_a_network_for_every_lambda_is_bounded_as_the_command_bounds_it(opened, query, bounded):
    solver = job(opened(**query)).solver
    typical = data.load("digits").pixels.double().square().sum(1).sqrt().median().item()
    assert getattr(solver, "norm", None) == (pytest.approx(typical, abs=1e-3) if bounded else None)


# Take it along --------------------------------------------------------------------------------------------------------


def holds(key, wanted_part) -> bool:
    """Whether a result's key is `part` or contains it. That of a figure is a digest of all that it shows."""
    return (
        key == wanted_part
        or isinstance(key, tuple)
        and any(holds(item, wanted_part) for item in key)
    )


def test_the_network_joins_every_page_of_its_reader_and_of_no_one_else(opened, open_page):
    app = opened(lam="0.2")
    press(app, "one-epoch")
    network = settle(app).network()
    x, B, lam = job(app).tests.pixels, network.dictionary, 0.2
    F = (
        0.5 * (x - network(x, lam) @ B.T).square().sum(1) + lam * network(x, lam).abs().sum(1)
    ).mean()
    board = next(data_of for data_of in map(told, app.get("bidi_component")) if "live" in data_of)
    assert dict(board["groups"][1]["readings"])["Objective F"]["t"].endswith(f"{F:.4g}")
    for page in ("step", "lambda", "gates", "compare"):
        visit(app, page, shows="SLSTM (yours)")
    mine = cache.weights(network)
    assert any(holds(key, mine) for key in app.session_state["_results"].values)
    assert not any(holds(key, mine) for key in [*cache.SHARED.values, *cache.DICTIONARIES.values])
    second_app = open_page("compare", data="digits")
    assert "SLSTM (yours)" not in second_app.pills(key="solvers").options


def test_a_network_that_has_seen_one_lambda_is_marked_at_another(opened):
    app = opened(lam="0.2", every="false")
    press(app, "one-step")
    settle(app)
    assert "trained for" not in texts(visit(app, "compare", shows="SLSTM (yours)"))
    app.sidebar.number_input(key="lam").set_value(0.5).run()
    sentence = "Not every λ here is what these were trained for: SLSTM (yours) for λ = 0.2 alone."
    assert sentence in texts(app)


@pytest.mark.everyday({"start": "noise", "preset": "paper", "loss": "supervised"})
@pytest.mark.parametrize(
    "query",
    [{}, {"start": "noise", "preset": "paper", "loss": "supervised"}, {"start": "pictures"}],
)
def test_the_python_to_take_away_repeats_the_run(opened, query, tmp_path, monkeypatch):
    app = opened(**query)
    press(app, "one-epoch")
    settle(app)
    app.selectbox(key="rate").set_value(1e-3).run()
    press(app, "one-epoch")
    run = settle(app)
    code = next(block.value for block in app.code if "training.fit" in block.value)
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102
    assert same(checkpoints.load(tmp_path / "slstm-yours.safetensors"), run.solver)


def test_a_network_saved_and_loaded_trains_on_in_float32(opened):
    network = solvers.build("slstm", torch.eye(64, 30, dtype=torch.float64), 3)
    content = checkpoints.dump(network)
    assert set(from_bytes(content)) == set(network.state_dict())
    app = opened(start="noise")
    app.file_uploader(key="_network_file").upload("mine.safetensors", content).run()
    assert not app.exception and not app.error and not app.warning
    assert job(app).loaded and job(app).solver.dictionary.dtype == torch.float32
    assert same(job(app).solver, network.float())
    visit(app, "compare", shows="SLSTM (yours)")
    visit(app, "train").session_state["more"] = True
    press(app.run(), "one-step")
    assert not same(settle(app).solver, network.float())
    app.file_uploader(key="_network_file").upload("broken.safetensors", b"nonsense").run()
    assert not app.exception and "not a readable" in app.warning[0].value


def test_own_data_trains_and_stays_with_its_reader(opened):
    random = np.random.default_rng(0)
    splits = ("x_train", "x_test")
    pictures = {split: random.random((60, 6, 5), dtype=np.float32) for split in splits}
    app = opened(data="yours", dictionary="own", atoms="16")
    app.file_uploader(key="_data_file").upload("mine.npz", saved(np.savez, **pictures)).run()
    B = saved(np.save, random.standard_normal((30, 8)))
    app.file_uploader(key="_dictionary_file").upload("mine.npy", B).run()
    while job(app).setup.data != "yours":
        app.run()
    assert not app.exception and not app.error and job(app).images.shape == (6, 5, 1)
    np.testing.assert_array_equal(
        job(app).images.pixels.numpy(), pictures["x_train"].reshape(60, 30)
    )
    assert "F and labels" not in app.selectbox(key="loss").options
    press(app, "one-epoch")
    assert settle(app).step == 1
    assert job(opened(atoms="16")).setup.data == "digits"
    app.sidebar.selectbox(key="data").set_value("digits").run()
    assert "SLSTM (yours) is not shown: it takes rows of 30 numbers, and these have 64" in texts(
        app
    )
