"""Train live without a browser: what its buttons do to the run, whose the network is, and that a run can be repeated."""

import re
import threading
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from pages.seen import html
from safetensors.torch import load as from_bytes
from saving import saved

from sc2viz import checkpoints, data, dictionary, solvers, training
from sc2viz.jobs import scheduling, training_job
from sc2viz.pages.train import describe_training, form, lessons, panels
from sc2viz.pages.train import setup as setups
from sc2viz.solvers import registry
from sc2viz.ui import cache, models, schedulers, url
from sc2viz.ui.app import file


@pytest.fixture
def opened(open_page):
    apps = []

    def visit(**query):
        apps.append(open_page("train", **{"data": "digits", **query}))
        return apps[-1]

    yield visit
    for app in apps:
        job(app).close()


def job(app) -> training_job.Job:
    return app.session_state["_job"]


def press(app, key: str):
    app.button(key=key).click().run()
    assert not app.exception and not app.error
    return app


def settle(app) -> training_job.Job:
    for _ in range(24000):  # two minutes, on a machine that is busy
        if job(app).status not in ("training", "waiting"):
            app.run()
            assert not app.exception and not app.error
            return job(app)
        time.sleep(0.005)
    raise AssertionError("it goes on and on")


def texts(app) -> str:
    return "\n".join(part.value for kind in (app.markdown, app.caption) for part in kind)


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(value, theirs[key]) for key, value in one.state_dict().items())


# Buttons and settings -------------------------------------------------------------------------------------------------


@pytest.fixture
def running(monkeypatch):
    """An event; while it is not set, a run waits after its next step."""
    runs, fit = threading.Event(), training.fit

    def waiting(*words, **options):
        for event in fit(*words, **options):
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
    assert [button.label for button in app.button if button.key == "play"] == ["Pause"]
    press(app, "play")
    running.set()
    assert settle(app).status == "paused"
    step = job(app).step
    press(app, "stop")
    assert job(app).stopped == "interrupted" and "was stopped" in texts(app)
    press(app, "play")
    assert settle(app).stopped == "finished" and job(app).step > step
    before = job(app)
    press(app, "reset")
    assert job(app) is not before and before.closed and job(app).status == "ready"


def test_a_solver_of_which_nothing_learns_says_so(opened, bring):
    bring("still")
    app = opened(trainee="Still ISTA", T="5")
    press(app, "play")
    assert settle(app).step == 0
    said = texts(app).replace("\u2060", "").replace("\\", "")
    where = r"\(still\.py, line \d+\)"
    assert re.search(
        rf"Still ISTA does not keep the interface of a solver {where}: the loss sc2net reaches none of",
        said,
    )


def test_initial_atoms_are_learned_in_the_background_with_progress(open_page, monkeypatch):
    release, learning = threading.Event(), dictionary.learning

    def slowly(*words, report, **options):
        for progress in learning(*words, report=report, **options):
            yield progress
            release.wait(60)

    monkeypatch.setattr(dictionary, "learning", slowly)
    scheduler = scheduling.Scheduler(scheduling.Limits())
    monkeypatch.setattr(setups.schedulers, "scheduler", lambda kind: scheduler)
    cache.DICTIONARIES.values.clear()
    monkeypatch.setattr(form, "UNSEEN_SECONDS", 0.0)
    app = open_page("train", data="digits", atoms="16")
    assert "_job" not in app.session_state and "Learning 16 atoms for λ = 0.1" in [
        each.value for each in app.header
    ]
    assert "starts from them, whatever λ it is trained for." in texts(app)
    release.set()
    monkeypatch.setattr(form, "UNSEEN_SECONDS", 60.0)
    app.run()
    assert job(app).frame.atoms.shape == (64, 16) and not app.header
    job(app).close()


def test_what_is_set_up_takes_effect_at_once_only_while_nothing_would_be_lost(opened):
    app = opened()
    app.selectbox(key="trainee").set_value("LISTA").run()
    assert job(app).setup.solver == job(app).solver.name == "lista"
    app.number_input(key="T").set_value(3).run()
    assert job(app).solver.steps == 3
    press(app, "one-step")
    trained = settle(app)
    app.selectbox(key="trainee").set_value("SLSTM").run()
    assert job(app) is trained and "settings have changed" in texts(app)
    press(app, "reset")
    assert job(app).solver.name == "slstm"


def test_rate_and_lambda_change_on_the_way_and_are_marked(opened):
    app = opened()
    press(app, "one-epoch")
    settle(app)
    app.selectbox(key="rate").set_value(1e-3).run()
    app.toggle(key="every").set_value(False).run()
    app.number_input(key="lam").set_value(0.2).run()
    press(app, "one-step")
    run = settle(app)
    assert (run.settings.rate, run.settings.lam) == (1e-3, 0.2) and run.history[-1].lam == 0.2
    assert describe_training.marks(run.changes) == [
        (run.steps_an_epoch, "rate 0.001, λ = 0.2 from here")
    ]


def test_the_baseline_keeps_its_value_at_each_lambda(opened):
    app = opened()
    first = app.session_state["lam"]
    press(app, "one-epoch")
    settle(app)
    app.number_input(key="lam").set_value(0.2).run()
    press(app, "one-step")
    run = settle(app)
    turn = run.steps_an_epoch
    assert describe_training.marks(run.changes) == [(turn, "λ = 0.2 from here")]
    known = {first: {"excess": 30.0, "accuracy": None}, 0.2: {"excess": 70.0, "accuracy": None}}
    line = panels.curves(run, run.frames, models.public("digits")["FISTA"], known.__getitem__)[
        0
    ].lines[1]
    assert list(zip(line.places, line.values, strict=True)) == [
        (0, 30),
        (turn, 30),
        (turn, 70),
        (turn + 1, 70),
    ]
    assert [line.moved["t"][k] for k in (0, -1)] == [30, 70] and len(line.moved["t"]) == len(
        run.frames
    )


def test_what_cannot_be_is_not_offered_or_said(opened, monkeypatch):
    app = opened(data="patches")
    assert set(app.selectbox(key="loss").options) == {"codes", "denoising", "objective F"}
    app.selectbox(key="trainee").set_value("FISTA").run()
    assert app.selectbox(key="loss").options == ["objective F", "denoising"]
    monkeypatch.setenv("SC2VIZ_TRAIN_MEGABYTES", "1")
    monkeypatch.setattr(
        schedulers.scheduler("training"), "limits", scheduling.Limits.from_environment()
    )
    app.selectbox(key="trainee").set_value("SLSTM").run()
    assert not app.exception and "fewer atoms" in app.error[0].value


VIEW = {
    "rate": "0.01",
    "every": "false",
    "optimiser": "Adadelta",
    "activation": "double-tanh",
    "project": "false",
    "weight": "30",
    "plateau": "true",
    "beside": "LISTA",
    "loss": "supervised",
    "lam": "0.2",
}


def test_a_link_sets_the_whole_run(opened):
    app = opened(**VIEW)
    run = job(app)
    assert (run.setup.optimiser, run.setup.activation, run.setup.loss) == (
        "Adadelta",
        "double-tanh",
        "supervised",
    )
    now = run.settings
    assert (now.rate, now.lam, now.project, now.cross_entropy) == (
        0.01,
        0.2,
        False,
        30.0,
    ) and now.plateau
    assert app.session_state["beside"] == "LISTA" and not app.toast
    app.switch_page(str(file("compare"))).run()
    app.switch_page(str(file("train"))).run()
    assert job(app) is run and run.settings.rate == 0.01 and app.session_state["beside"] == "LISTA"


def test_what_the_address_leaves_out_is_what_a_link_opens_with(opened):
    """Streamlit leaves a widget's default out, so that must be the value without a link."""
    app = opened()
    # Of other pages, and of tours
    others = {
        "solvers",
        "others",
        "spread",
        "safeguard",
        "source",
        "size",
        "positive",
        "pair",
        "rule",
        "draw",
        "lang",
        "tour",
        "step",
    }
    rows = {row.key for row in url.ROWS if row.persist} - others
    bound = [box for box in app.selectbox if box.key in rows]
    toggles = [toggle for toggle in app.toggle if toggle.key in rows]
    assert len(bound) + len(toggles) == len(rows)
    assert all(box.proto.default == box.index for box in bound)
    assert all(toggle.proto.default == toggle.value for toggle in app.toggle)


@pytest.mark.parametrize("name", ["ISTA", "Adaptive ISTA", "LFISTA"])
def test_every_solver_and_start_can_be_trained(opened, name):
    start = {"ISTA": "strokes", "Adaptive ISTA": "pictures", "LFISTA": "noise"}[name]
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
    assert setups.RunSetup(solver="soft").options == {}
    assert setups.RunSetup(solver="slstm").options == {
        "preset": "recommended",
        "activation": "shrinkage",
    }


@pytest.mark.parametrize("lesson", lessons.LESSONS, ids=lambda lesson: lesson.title)
def test_a_lesson_runs_with_one_click_as_it_asks(opened, lesson):
    app = opened()
    if lesson.start == "yours":  # it goes on from what the one before it has trained
        press(app, f"lesson-{lessons.LESSONS.index(lesson) - 1}")
        while not app.session_state["_job"].step:
            time.sleep(0.05)
        app.run()
    press(app, f"lesson-{lessons.LESSONS.index(lesson)}")
    assert lesson.watch in texts(app)
    press(app, "play")  # pause
    run = settle(app)
    assert run.step >= 0 and run.setup.start == lesson.start
    recipe = training.recipe(run.solver, lesson.loss, lesson.preset)
    assert (recipe.horizon is None) == (
        lesson.loss != "sc2net"
    )  # so that no network that is made here runs away beyond T
    asked = replace(
        recipe,
        rate=lesson.rate,
        lam=lesson.lam,
        cross_entropy=lesson.cross_entropy,
        project=lesson.project,
        dictionary_rate=0.0 if lesson.start == "yours" else training.Settings().dictionary_rate,
    )
    assert {**vars(run.settings), "every": None, "stop": False} == vars(asked)
    for name in (
        "data",
        "solver",
        "preset",
        "atoms",
        "steps",
        "loss",
        "batch_size",
        "epochs",
        "seed",
    ):
        assert getattr(run.setup, name) == getattr(lesson, name)


# Take it along --------------------------------------------------------------------------------------------------------


def holds(key, part) -> bool:
    """Whether a result's key is `part` or contains it. That of a figure is a digest of all that it shows."""
    return key == part or isinstance(key, tuple) and any(holds(each, part) for each in key)


def test_the_network_joins_every_page_of_its_reader_and_of_no_one_else(opened, open_page):
    app = opened(lam="0.2")
    press(app, "one-epoch")
    settle(app)
    for page in ("compare", "step", "lambda", "gates"):
        app.switch_page(str(file(page))).run()
        assert not app.exception and not app.error
        assert "SLSTM (yours)" in app.pills(key="solvers").options
        app.pills(key="solvers").set_value(["SLSTM (yours)"]).run()
        assert not app.exception and not app.error
    app.switch_page(str(file("activations"))).run()
    assert not app.exception and not app.error
    mine = cache.weights(job(app).network())
    assert any(holds(key, mine) for key in app.session_state["_results"].values)
    assert not any(holds(key, mine) for key in [*cache.SHARED.values, *cache.DICTIONARIES.values])
    other = open_page("compare", data="digits")
    assert "SLSTM (yours)" not in other.pills(key="solvers").options
    elsewhere = open_page("compare", data="patches")
    assert "SLSTM (yours)" not in elsewhere.pills(key="solvers").options


def test_its_numbers_on_compare_are_the_networks(opened):
    app = opened(lam="0.2")
    press(app, "one-epoch")
    network = settle(app).network()
    app.switch_page(str(file("compare"))).run()
    app.pills(key="solvers").set_value(["SLSTM (yours)"]).run()
    x = data.load("digits", "test").pixels[:16]
    residual = x - network(x, 0.2) @ network.dictionary.T
    F = (0.5 * residual.square().sum(1) + 0.2 * network(x, 0.2).abs().sum(1)).mean().item()
    card = html(app).split("<span>SLSTM (yours)</span>")[1]
    assert f"<dd>{F:.4g}</dd>" in card.split("<figure")[0]


def test_a_network_that_has_seen_one_lambda_is_marked_at_another(opened):
    app = opened(lam="0.2")
    app.toggle(key="every").set_value(False).run()
    press(app, "one-step")
    settle(app)
    app.switch_page(str(file("compare"))).run()
    app.pills(key="solvers").set_value(["SLSTM (yours)"]).run()
    assert "trained for" not in texts(app)
    app.sidebar.number_input(key="lam").set_value(0.5).run()
    assert "λ = 0.5 is not what these were trained for: SLSTM (yours) for λ = 0.2 alone." in texts(
        app
    )
    app.switch_page(str(file("train"))).run()
    press(app, "one-step")
    settle(app)  # at 0.5, and so for both
    app.switch_page(str(file("compare"))).run()
    assert "SLSTM (yours)" in app.pills(key="solvers").value and "trained for" not in texts(app)


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


def test_a_network_saved_and_loaded_trains_on(opened):
    app = opened()
    press(app, "one-step")
    saved = checkpoints.dump(settle(app).network())
    assert set(from_bytes(saved)) == set(job(app).solver.state_dict())
    solver = checkpoints.load_bytes(saved)
    other = opened()
    other.file_uploader(key="_network_file").upload("mine.safetensors", saved).run()
    assert not other.exception and job(other).loaded and same(job(other).solver, solver)
    other.switch_page(str(file("compare"))).run()
    assert "SLSTM (yours)" in other.pills(key="solvers").options
    other.switch_page(str(file("train"))).run()
    press(other, "one-step")
    assert not same(settle(other).solver, solver)
    other.file_uploader(key="_network_file").upload("broken.safetensors", b"nonsense").run()
    assert not other.exception and "not a readable" in other.warning[0].value


def test_a_network_in_float64_is_used_in_float32(opened):
    network = solvers.build("slstm", torch.eye(64, 30, dtype=torch.float64), 3)
    app = opened(start="noise")
    app.file_uploader(key="_network_file").upload(
        "mine.safetensors", checkpoints.dump(network)
    ).run()
    assert not app.exception and not app.error and not app.warning
    assert job(app).loaded and job(app).solver.dictionary.dtype == torch.float32
    app.switch_page(str(file("compare"))).run()
    assert not app.exception and not app.error
    app.switch_page(str(file("train"))).run()


# The reader's own data ------------------------------------------------------------------------------------------------


def test_own_data_trains_and_stays_with_its_reader(opened):
    random = np.random.default_rng(0)
    pictures = {
        f"x_{split}": random.random((60, 6, 5), dtype=np.float32) for split in ("train", "test")
    }
    app = opened(data="yours", dictionary="own", atoms="16")
    app.file_uploader(key="_data_file").upload("mine.npz", saved(np.savez, **pictures)).run()
    B = saved(np.save, random.standard_normal((30, 8)))
    app.file_uploader(key="_dictionary_file").upload("mine.npy", B).run()
    while job(app).setup.data != "yours":
        app.run()
    assert not app.exception and not app.error
    assert job(app).images.shape == (6, 5, 1)
    np.testing.assert_array_equal(
        job(app).images.pixels.numpy(), pictures["x_train"].reshape(60, 30)
    )
    assert "F and labels" not in app.selectbox(key="loss").options
    press(app, "one-epoch")
    assert settle(app).step == 1
    other = opened(atoms="16")
    assert job(other).setup.data == "digits"
    app.sidebar.selectbox(key="data").set_value("digits").run()
    said = " ".join(caption.value for caption in app.caption)
    assert (
        "No other page shows SLSTM (yours) here: it takes rows of 30 numbers, and these have 64. Choose Your data"
        in said
    )


# Words ----------------------------------------------------------------------------------------------------------------


def event(**numbers) -> training.Event:
    plain = dict.fromkeys(training.Event.__dataclass_fields__, 0.0)
    return training.Event(
        **{**plain, "step": 5, "accuracy": None, "gates": {}, "stopped": None, **numbers}
    )


def test_the_caption_says_what_a_frame_shows():
    nothing = np.zeros((1, 1))
    frame = partial(training_job.Frame, 5, 0.1, atoms=nothing, codes=nothing, made=nothing)
    measured = {"excess": 12.34, "accuracy": 0.868}
    tell = partial(
        describe_training.caption,
        name="SLSTM",
        baseline="FISTA",
        measured=measured,
        lam=0.1,
        distance=-1.5,
    )
    assert "Press play" in tell(frame(None), longest=1)[0]
    sentence, why = (
        said.replace("\u00a0", " ") for said in tell(frame(event(excess=2.345)), longest=1)
    )
    assert (
        "After 5 steps, **SLSTM** is **1.5 %** below the optimum" in sentence
        and "FISTA" not in sentence
    )
    assert (
        "From exact codes on its own atoms **SLSTM** is 2.3 % away." in why
    )  # F is not known here
    assert (
        "**FISTA**, with as many iterations, is 12 % above" in why
        and "labels" not in why
        and "longest" not in why
    )
    right = "predicts **93 %** of the test labels correctly"
    why = tell(frame(event(accuracy=0.931)), longest=1)[1]
    assert right in why and "on the codes of FISTA predicts 87 %" in why
    why = tell(frame(event(accuracy=0.931)), longest=1, lam=0.3)[
        1
    ]  # the numbers of FISTA are those of another λ
    assert right in why and "FISTA" not in why
    why = tell(frame(event(printed=4.0, optimum=6.0, objective=6.5)), longest=2.5)[1]
    assert (
        "norm **2.5**, so the loss as printed, 4, is below the minimum for unit-norm atoms, 6, while"
        in why
    )
    assert "longest" not in tell(frame(event(printed=6.1, optimum=6.0)), longest=2.5)[1]
    # F* = 100, F = 98.5 and 97 with exact codes on the network's own atoms
    everything = event(printed=90.0, optimum=97.0, objective=98.5, accuracy=0.931)
    why = tell(frame(everything), longest=2.5)[1].replace("\u00a0", " ")
    assert (
        "with those it would be 3.0 % below the optimum." in why
        and len(re.findall(r"\.(?= |$)", why)) == 3
    )


@pytest.mark.parametrize(
    ("query", "bounded"),
    [
        ({}, True),
        ({"trainee": "LISTA"}, True),
        ({"trainee": "ISTA"}, False),
        ({"preset": "paper"}, False),
        ({"loss": "supervised"}, False),
    ],
)
def test_a_network_for_every_lambda_is_bounded_as_the_command_bounds_it(opened, query, bounded):
    solver = opened(**query).session_state["_job"].solver
    typical = data.load("digits").pixels.double().square().sum(1).sqrt().median().item()
    assert getattr(solver, "norm", None) == (pytest.approx(typical, abs=1e-3) if bounded else None)


def test_who_waits_is_told_for_how_many(opened):
    scheduler = schedulers.scheduler("training")
    apps = [opened() for _ in range(4)]
    for app in apps:
        job(app).epochs = 10_000
        press(app, "play")
    assert [job(app).status for app in apps] == ["training", "training", "waiting", "waiting"]
    assert [describe_training.status(job(app)) for app in apps[2:]] == [
        f"Waiting: {scheduler.limits.at_once} readers can train at a time, and you are next",
        f"Waiting: {scheduler.limits.at_once} readers can train at a time, and 1 more is before you",
    ]
    for app in reversed(apps):
        job(app).pause()
    for app in apps:
        settle(app)
