"""What `sc2viz evaluate` makes of the reader's own solvers and networks."""

import re

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.__main__ import main
from sc2viz.analysis import unusual
from tests.problems import F


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A data set of rows of 10 numbers, atoms for it, and a folder of networks of which two do not fit."""
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).random((40, 10), np.float32)
    np.savez("mine.npz", x_train=x, x_test=x[:9])
    B = lasso.normalised(torch.rand(10, 8, generator=torch.Generator().manual_seed(0)))
    np.save("B.npy", B.numpy())
    networks = {"fits": ("mine", B), "of-digits": ("digits", B), "wide": ("mine", torch.eye(11))}
    for name, (learned, atoms) in networks.items():
        solver, notes = solvers.build("lista", atoms, 3), {"data": learned, "loss": "codes"}
        checkpoints.save(solver, f"networks/{name}.safetensors", notes)
    monkeypatch.setenv(checkpoints.NETWORKS, "networks")
    return torch.from_numpy(x[:9]), B


def evaluated(capsys, options=""):
    """The lines of what is ranked and of what is not, by name, and the warnings."""
    main(f"evaluate --data mine.npz --dictionary B.npy --lam 0.1 {options}".split())
    printed = capsys.readouterr()
    ranked, _, others = printed.out.partition("what aims at something else than F")
    tables = ranked, others.partition("\n")[2]
    return *(dict(re.findall(r"^  (\S+) +(.*)", table, re.M)) for table in tables), printed.err


def test_guests_and_own_networks_are_ranked_and_what_does_not_fit_is_named(mine, bring, capsys):
    bring("tista", "without_lambda", "overcomplete")
    x, B = mine
    ranked, others, warnings = evaluated(capsys)
    assert list(ranked) == ["ista", "fista", "tista", "fits.safetensors"]
    assert list(others) == ["top-k"]
    network = checkpoints.load("networks/fits.safetensors")
    for name, solver in (("tista", solvers.build("tista", B)), ("fits.safetensors", network)):
        norms = solver.dictionary.norm(dim=0)
        objective = F(x, solver(x, 0.1) * norms, solver.dictionary / norms, 0.1).mean()
        assert float(ranked[name].split()[1]) == pytest.approx(objective, abs=6e-5)
        assert "% from the optimum" in ranked[name]
    assert [name for name, line in (ranked | others).items() if "untrained" in line] == ["tista"]
    assert "%" not in others["top-k"] and others["top-k"].startswith("F ")
    digits = "of-digits.safetensors is left out: it was trained on digits: name it after --model"
    assert digits in warnings and re.search("overcomplete.* is left out", warnings)
    assert re.search(
        r"wide.safetensors is left out: .* 11 numbers, and those of mine have 10", warnings
    )
    selected, unranked, _ = evaluated(capsys, "--model tista top-k")  # of those alone
    assert list(selected) == ["ista", "fista", "tista"] and selected["tista"] == ranked["tista"]
    assert unranked == others
    ranked, others, warnings = evaluated(capsys, "--model networks/of-digits.safetensors")
    assert "trained on digits" in ranked["networks/of-digits.safetensors"]
    assert len(ranked) == 3 and not others and "left out" not in warnings


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "guest-raises",
            r"Raising ISTA failed in guest-raises.py, line \d+: RuntimeError: there is no third",
        ),
        ("guest-nan", r"NaN ISTA .*guest-nan.py, line \d+.*not finite"),
    ],
)
def test_a_guest_that_fails_costs_its_own_line(mine, bring, capsys, name, message):
    bring(name, "tista")
    ranked, _, warnings = evaluated(capsys)
    assert re.search(message, ranked.pop(name, "") + warnings)
    assert len(ranked) == 4 and all("% from the optimum" in line for line in ranked.values())


def test_data_without_labels_are_named(mine):
    with pytest.raises(SystemExit, match="error: mine.npz has no labels, which --accuracy needs"):
        main(["evaluate", "--data", "mine.npz", "--lam", "0.1", "--atoms", "4", "--accuracy"])


def test_unusual_pictures_are_told_by_their_kind(capsys):
    main(["evaluate", "--data", "digits", "--model", "digits/slstm", "--lam", "0.1", "--unusual"])
    table = capsys.readouterr().out.split("F over F(0) on unusual pictures")[1]
    (line,) = re.findall("^  digits/slstm .*", table, re.M)
    test = data.load("digits", "test")
    growth = unusual.table(checkpoints.load("digits/slstm"), test, lambdas=(0.1,))
    assert f"0 of {5 * len(growth)} cells above 2" in line and "\n  ista " in table
    assert all(f"{kind} {cells.max():.3g}" in line for kind, cells in growth.items())


def test_a_network_that_learned_from_the_rows_held_out_is_named(capsys):
    names = "digits/lista digits-256/lista"  # notes of the first one say --all-rows
    main(f"evaluate --data digits --lam 0.1 --held-out --model {names}".split())
    output = capsys.readouterr().out
    assert re.findall(r"(\S+) .*trained on these rows as well", output) == ["digits/lista"]
