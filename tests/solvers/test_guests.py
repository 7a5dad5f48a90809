"""Solvers from the reader's own files, brought by SC2VIZ_SOLVERS without an edit in the package."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from sc2viz import checkpoints, lasso, solvers
from sc2viz.__main__ import main
from sc2viz.solvers import registry

FILES = Path(__file__).parents[1] / "guests"
GUESTS = {  # file → the solver's name, and its learned numbers
    "tista": ("tista", "log_gamma"),
    "gated": ("gru-ista", "bias"),
    "residual": ("residual-ista", "factor"),
    "without_lambda": ("top-k", "weights.B"),
    "firm": ("firm-ista", "log_ratio"),
}
every_guest = pytest.mark.parametrize("file", GUESTS)


@pytest.fixture
def mine(tmp_path):
    """A small data set as a file, and its dictionary."""
    rng = np.random.default_rng(0)
    rows = rng.random((6, 25))
    pixels = (
        np.clip(rng.random((120, 6)) ** 3 @ rows / 2, 0, 1).astype(np.float32).reshape(-1, 5, 5)
    )
    np.savez(tmp_path / "mine.npz", x_train=pixels[:100], x_test=pixels[100:])
    return tmp_path / "mine.npz"


def dictionary():
    return lasso.normalised(torch.randn(12, 16, generator=torch.Generator().manual_seed(0)))


@every_guest
def test_it_is_traced_and_unrolled_like_any_other(bring, file):
    assert bring(file) == ()
    solver = solvers.build(GUESTS[file][0], dictionary(), steps=3)
    x = torch.rand(5, 12, generator=torch.Generator().manual_seed(1))
    path = solver.trace(x, 0.1, steps=7)
    assert_close(path.codes[-1], solver(x, 0.1, steps=7))
    assert all(len(state) in (7, 8) and state.shape[1] == 5 for state in path.parts.values())
    if file == "residual":
        assert_close(path.parts["residual"], x - path.codes @ solver.dictionary.T)
    if file == "gated":
        assert path.parts["memory"].shape == (8, 5, 16) and path.parts["update_gate"].shape == (
            7,
            5,
            16,
        )


@every_guest
def test_it_is_trained_saved_loaded_and_evaluated_by_the_commands(
    bring, file, mine, tmp_path, capsys
):
    bring(file)
    name, learned = GUESTS[file]
    out = tmp_path / "network.safetensors"
    options = f"--data {mine} --solver {name} --atoms 8 --epochs 2 --batch-size 20 --rate 0.01 --out {out}"
    main(["train", *options.split()])
    header = checkpoints.header(out)
    assert (header.solver, header.variant, header.d_x, header.d_s) == (name, "", 25, 8)
    loaded = checkpoints.load(out)
    start = solvers.build(name, loaded.dictionary.detach()).state_dict()[learned]
    assert type(loaded).name == name
    if learned != "weights.B":
        assert not torch.allclose(loaded.state_dict()[learned], start)
    main(f"evaluate --data {mine} --model {out} --lam 0.1 --atoms 8".split())
    assert "% from the optimum" in capsys.readouterr().out


def test_a_file_that_fails_is_named_with_its_line_and_what_it_registered_is_taken_back(bring):
    (problem,) = bring("broken", "tista")[:1]
    line = 1 + (FILES / "broken.py").read_text().splitlines().index(
        'raise RuntimeError("this file is broken on purpose")'
    )
    assert (
        "broken.py" in problem
        and f"line {line}" in problem
        and "this file is broken on purpose" in problem
    )
    assert "half" not in solvers.NAMES and "tista" in solvers.NAMES


def test_the_commands_name_a_file_that_fails():
    env = os.environ | {registry.GUESTS: str(FILES / "broken.py")}
    done = subprocess.run(
        [sys.executable, "-m", "sc2viz", "evaluate", "--data", "nowhere.npz"],
        env=env,
        capture_output=True,
        text=True,
        cwd=FILES.parents[1],
    )
    assert (
        "broken.py, line" in done.stderr
        and "on purpose" in done.stderr
        and "nowhere.npz" in done.stderr
    )


def test_a_second_solver_of_a_name_is_refused_and_the_first_stays(bring):
    (problem,) = bring("twice")
    assert "adaptive" not in problem and "ista.py" in problem and "twice.py" in problem
    assert solvers.solver_class("ista") is solvers.ISTA


def test_the_same_class_again_replaces_the_first(bring):
    bring("tista")
    first = solvers.solver_class("tista")
    registry._import(str(FILES / "tista.py"))
    assert solvers.solver_class("tista") is not first


@pytest.mark.parametrize("attribute", registry.IDENTITY)
def test_a_class_states_who_it_is_itself(attribute):
    body = dict.fromkeys(registry.IDENTITY, "x") | {"name": "one of my own"}
    del body[attribute]
    with pytest.raises(ValueError, match=f"must state '{attribute}'"):
        solvers.register(type("Mine", (solvers.ISTA,), body))


def test_a_checkpoint_of_a_solver_that_is_not_registered_says_how_to_bring_it(
    bring, tmp_path, monkeypatch
):
    bring("tista")
    path = checkpoints.save(solvers.build("tista", dictionary()), tmp_path / "own.safetensors")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="'tista', which is not registered: .*SC2VIZ_SOLVERS"):
        checkpoints.load(path)


def test_an_installed_package_brings_its_solvers_by_its_entry_point(tmp_path):
    (tmp_path / "brought.py").write_text((FILES / "tista.py").read_text())
    info = tmp_path / "brought-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sc2viz.solvers]\nbrought = brought\n")
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(FILES.parents[1])])}
    code = "from sc2viz import solvers; print(solvers.NAMES[-1], solvers.solver_class('tista').__module__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["tista", "brought"], done.stderr
