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
    i, f = rng.uniform((0.5, -0.9), (1.5, 0.9))
    m, one = np.array(momenta(STEPS)), np.ones(STEPS)
    ways = [
        ("fista", {}, 1 + m, -m, False),
        ("ista", {}, one, 0 * one, False),
        ("adaptive-ista", {"input_gate": i, "forget_gate": f}, i * one, f * one, True),
    ]
    names, options, gates, kept, carries = zip(*ways, strict=True)
    built = [
        solvers.build(name, B, STEPS, **more) for name, more in zip(names, options, strict=True)
    ]
    codes = [solver.trace(x, LAM, STEPS).codes[1:, 0].detach() for solver in built]
    atom = int(codes[1][-1].abs().argmax())
    told = unfolded.of_gates(
        built[1], x, LAM, STEPS, atom, np.stack(gates), np.stack(kept), carries
    )
    for each, own in zip(told, codes, strict=True):
        np.testing.assert_allclose(each["code"], own[:, atom], atol=2e-5)
    with torch.no_grad():
        trace = checkpoints.load("digits/slstm").trace(x, LAM, STEPS)
    told = {name: np.array(values) for name, values in unfolded.of_trace(trace, atom).items()}
    assert {*told} == {*unfolded.TERMS} and {*map(len, told.values())} == {STEPS}
    mixed = told["forget"] * told["memory"] + told["input"] * told["candidate"]
    np.testing.assert_allclose(told["cell"], mixed, atol=1e-6)
    np.testing.assert_array_equal(told["code"], trace.codes[1:, 0, atom])
