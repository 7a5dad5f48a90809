"""What `sc2viz evaluate` makes of the reader's own solvers and networks."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.__main__ import main
from sc2viz.analysis import unusual

GUESTS = Path(__file__).parents[1] / "guests"


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A data set of rows of 10 numbers, atoms for it, and a folder of networks of which two do not fit."""
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).random((40, 10), np.float32)
    np.savez("mine.npz", x_train=x, x_test=x[:9])
    B = lasso.normalised(torch.rand(10, 8, generator=torch.Generator().manual_seed(0)))
    np.save("B.npy", B.numpy())
    for name, learned, atoms in (
        ("fits", "mine", B),
        ("of-digits", "digits", B),
        ("wide", "mine", torch.eye(11)),
    ):
        checkpoints.save(
            solvers.build("lista", atoms, 3),
            f"networks/{name}.safetensors",
            {"data": learned, "loss": "codes"},
        )
    shutil.copy("B.npy", "networks/odd.safetensors")
    monkeypatch.setenv(checkpoints.NETWORKS, "networks")
    return torch.from_numpy(x[:9]), B


def evaluated(capsys, *words):
    main(["evaluate", "--data", "mine.npz", "--dictionary", "B.npy", "--lam", "0.1", *words])
    printed = capsys.readouterr()
    above, _, below = printed.out.partition("what aims at something else than F")
    lines = [
        dict(re.findall(r"^  (\S+) +(.*)", part, re.MULTILINE))
        for part in (above, below.partition("\n")[2])
    ]
    return *lines, printed.err


def F(x, codes, atoms, lam=0.1):
    """The honest objective in numpy."""
    x, s, B = (values.detach().double().numpy() for values in (x, codes, atoms))
    return float(
        (0.5 * ((x - s @ B.T) ** 2).sum(1) + lam * np.abs(s) @ np.linalg.norm(B, axis=0)).mean()
    )


def test_guests_and_own_networks_are_ranked_and_what_does_not_fit_is_named(mine, bring, capsys):
    bring("tista", "without_lambda", "overcomplete")
    x, B = mine
    above, below, said = evaluated(capsys)
    assert list(above) == ["ista", "fista", "tista", "fits.safetensors"] and list(below) == [
        "top-k"
    ]
    network = checkpoints.load("networks/fits.safetensors")
    for name, solver in (("tista", solvers.build("tista", B)), ("fits.safetensors", network)):
        assert float(above[name].split()[1]) == pytest.approx(
            F(x, solver(x, 0.1), solver.dictionary), abs=6e-5
        )
        assert "% from the optimum" in above[name]
    assert (
        "untrained" in above["tista"]
        and "untrained" not in above["fits.safetensors"] + above["ista"] + below["top-k"]
    )
    assert "%" not in below["top-k"] and below["top-k"].startswith("F ")
    assert (
        "of-digits.safetensors is left out: it was trained on digits: name it after --model" in said
    )
    assert re.search(
        r"wide.safetensors is left out: .*takes rows of 11 numbers, and those of mine have 10", said
    )
    assert "overcomplete" in said and "is left out" in said
    asked, aside, _ = evaluated(capsys, "--model", "tista", "top-k")  # of those alone
    assert (
        list(asked) == ["ista", "fista", "tista"]
        and asked["tista"] == above["tista"]
        and aside == below
    )

    above, below, said = evaluated(capsys, "--model", "networks/of-digits.safetensors")
    assert (
        list(above) == ["ista", "fista", "networks/of-digits.safetensors"]
        and not below
        and "left out" not in said
    )
    assert "trained on digits" in above["networks/of-digits.safetensors"]


@pytest.mark.parametrize(
    ("file", "name", "told"),
    [
        (
            "guest-raises",
            "guest-raises",
            r"Raising ISTA failed in guest-raises.py, line \d+: RuntimeError: there is no third",
        ),
        ("guest-nan", "guest-nan", r"NaN ISTA .*guest-nan.py, line \d+.*not finite"),
    ],
)
def test_a_guest_that_fails_costs_its_own_line(mine, bring, capsys, file, name, told):
    bring(file, "tista")
    above, _, said = evaluated(capsys)
    assert re.search(told, above.get(name, "") + said)
    assert all(
        "% from the optimum" in above[other]
        for other in ("ista", "fista", "tista", "fits.safetensors")
    )


@pytest.mark.parametrize(
    ("arrays", "words", "told"),
    [
        (
            {"x_test": np.zeros((3, 5))},
            "",
            "x_train and x_test of odd.npz must have rows of one length, got 10 and 5",
        ),
        (
            {"y_train": np.zeros(40, int), "y_test": np.zeros(9, int)},
            "--accuracy",
            "labels of odd.npz are all the same",
        ),
        (
            {"x_train": np.ones((1, 10)), "x_test": np.ones((1, 10))},
            "",
            "odd must have at least 2 training rows",
        ),
    ],
)
def test_data_that_cannot_be_evaluated_are_named(mine, arrays, words, told):
    x = np.random.default_rng(0).random((40, 10), np.float32)
    np.savez("odd.npz", **{"x_train": x, "x_test": x[:9], **arrays})
    with pytest.raises(SystemExit, match=f"error: {told}"):
        main(["evaluate", "--data", "odd.npz", "--lam", "0.1", "--atoms", "4", *words.split()])


def test_unusual_pictures_are_told_by_their_kind(capsys):
    main(["evaluate", "--data", "digits", "--model", "digits/slstm", "--lam", "0.1", "--unusual"])
    told = capsys.readouterr().out.split("F over F(0) on unusual pictures")[1].splitlines()
    line = next(line for line in told if line.startswith("  digits/slstm"))
    found = unusual.table(
        checkpoints.load("digits/slstm"), data.load("digits", "test"), lambdas=(0.1,)
    )
    assert f"0 of {5 * len(found)} cells above 2" in line
    assert all(f"{kind} {cells.max():.3g}" in line for kind, cells in found.items())
    assert any(line.startswith("  ista ") for line in told)
