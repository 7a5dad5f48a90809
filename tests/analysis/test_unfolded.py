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
    m, ones = np.array(momenta(STEPS)), np.ones(STEPS)
    ways = [
        ("fista", {}, 1 + m, -m, False),
        ("ista", {}, ones, 0 * ones, False),
        ("adaptive-ista", {"input_gate": i, "forget_gate": f}, i * ones, f * ones, True),
    ]
    names, options, gates, memory_gates, carries = zip(*ways, strict=True)
    built = [
        solvers.build(name, B, STEPS, **option) for name, option in zip(names, options, strict=True)
    ]
    codes = [solver.trace(x, LAM, STEPS).codes[1:, 0].detach() for solver in built]
    atom = int(codes[1][-1].abs().argmax())
    terms = unfolded.of_gates(
        built[1], x, LAM, STEPS, atom, np.stack(gates), np.stack(memory_gates), carries
    )
    for term, code in zip(terms, codes, strict=True):
        np.testing.assert_allclose(term["code"], code[:, atom], atol=2e-5)
    with torch.no_grad():
        trace = checkpoints.load("digits/slstm").trace(x, LAM, STEPS)
    terms = {name: np.array(values) for name, values in unfolded.of_trace(trace, atom).items()}
    assert {*terms} == {*unfolded.TERMS} and {*map(len, terms.values())} == {STEPS}
    mixed = terms["forget"] * terms["memory"] + terms["input"] * terms["candidate"]
    np.testing.assert_allclose(terms["cell"], mixed, atol=1e-6)
    np.testing.assert_array_equal(terms["code"], trace.codes[1:, 0, atom])
