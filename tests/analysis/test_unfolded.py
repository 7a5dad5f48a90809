"""ISTA, FISTA and SLSTM as one cell: the terms give the codes that the solvers themselves compute."""

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, solvers
from sc2viz.analysis import unfolded
from sc2viz.solvers.fista import momenta

STEPS, LAM = 12, 0.3


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_terms_are_those_of_the_solvers(seed):
    B = checkpoints.load_dictionary("digits")
    rng = np.random.default_rng(seed)
    x = data.load("digits", "test").pixels[[int(rng.integers(300))]]
    m, ista, i, f = (
        np.array(momenta(STEPS)),
        solvers.build("ista", B, STEPS),
        *rng.uniform((0.5, -0.9), (1.5, 0.9)),
    )
    by_hand = solvers.build("adaptive-ista", B, STEPS, input_gate=i, forget_gate=f)
    with torch.no_grad():
        one, none = np.ones(STEPS), np.zeros(STEPS)
        paths = {
            "fista": (1 + m, -m, False),
            "ista": (one, none, False),
            "adaptive-ista": (i * one, f * one, True),
        }
        built = {
            name: by_hand if name == "adaptive-ista" else solvers.build(name, B, STEPS)
            for name in paths
        }
        codes = [solver.trace(x, LAM, STEPS).codes[1:, 0] for solver in built.values()]
        atom = int(codes[1][-1].abs().argmax())
        gates, kept, carries = zip(*paths.values(), strict=True)
        told = unfolded.of_gates(
            ista, x, LAM, STEPS, atom, np.stack(gates), np.stack(kept), carries
        )
        for each, own in zip(told, codes, strict=True):
            np.testing.assert_allclose(each["code"], own[:, atom], atol=2e-5)
        trace = checkpoints.load("digits/slstm").trace(x, LAM, STEPS)
    told = {name: np.array(values) for name, values in unfolded.of_trace(trace, atom).items()}
    assert set(told) == set(unfolded.TERMS) and all(
        len(values) == STEPS for values in told.values()
    )
    np.testing.assert_allclose(
        told["cell"], told["forget"] * told["memory"] + told["input"] * told["candidate"], atol=1e-6
    )
    np.testing.assert_array_equal(told["code"], trace.codes[1:, 0, atom])
