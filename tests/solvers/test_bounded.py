"""What `norm` guarantees: every brightness alike, and gates that add nothing up."""

import pytest
import torch

from sc2viz import checkpoints, data, solvers, training

NORM, LAM = 2.0, 0.1


def trained(name: str, seed: int = 0, **options) -> solvers.Solver:
    """A solver with weights that are far from untrained ones."""
    generator = torch.Generator().manual_seed(seed)
    B = torch.nn.functional.normalize(torch.randn(20, 12, generator=generator, dtype=torch.float64), dim=0)
    solver = solvers.build(name, B, **options).requires_grad_(False)
    for parameter in solver.parameters():
        parameter += 0.1 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return solver


def rows(n: int = 7) -> torch.Tensor:
    return torch.randn(n, 20, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("name", ["lista", "lfista", "slstm"])
@pytest.mark.parametrize("bright", [1e-3, 0.1, 3.0, 200.0])
def test_codes_of_a_brighter_picture_are_brighter_alike(name, bright):
    solver, x = trained(name, norm=NORM), rows()
    for steps in (1, 10, 40):
        torch.testing.assert_close(
            solver(bright * x, bright * LAM, steps), bright * solver(x, LAM, steps), rtol=1e-9, atol=0
        )
    without = trained(name)
    assert not torch.allclose(without(3 * x, 3 * LAM), 3 * without(x, LAM), rtol=1e-3)


@pytest.mark.parametrize("name", ["lista", "lfista", "slstm"])
def test_a_picture_of_the_typical_norm_is_coded_as_without_norm(name):
    x = NORM * torch.nn.functional.normalize(rows())
    bounded, free = trained(name, norm=NORM), trained(name)
    if name == "slstm":  # whose forget gate is then bounded as well: input gates that are nearly closed leave it free
        for solver in (bounded, free):
            solver.gate_bias[0] -= 30
            solver.gate_bias[1] -= 1
    torch.testing.assert_close(bounded(x, LAM, 10), free(x, LAM, 10), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", ["lista", "lfista", "slstm"])
def test_a_black_picture_has_a_finite_code(name):
    assert torch.isfinite(trained(name, norm=NORM)(torch.zeros(2, 20, dtype=torch.float64), LAM, 5)).all()


def test_the_memory_is_bounded_by_itself_and_the_candidate():
    solver = trained("slstm", norm=NORM)
    solver.gate_bias += 3  # gates that want to be open, both
    path = solver.trace(rows(), LAM, 30)
    assert (path.input_gate > 0.9).double().mean() > 0.5
    assert (path.forget_gate <= 1 - path.input_gate + 1e-12).all()
    bound = torch.maximum(path.cell[:-1].abs(), path.candidate.abs())
    assert (path.cell[1:].abs() <= bound + 1e-12).all()
    free = trained("slstm")
    free.gate_bias += 3
    path = free.trace(rows(), LAM, 30)
    assert (path.cell[1:].abs() > torch.maximum(path.cell[:-1].abs(), path.candidate.abs()) + 1e-12).any()


def test_norm_is_kept_in_files_and_files_without_it_have_none(tmp_path):
    solver, x = trained("slstm", norm=NORM), rows()
    again = checkpoints.load(checkpoints.save(solver, tmp_path / "one.safetensors"))
    assert again.norm == NORM and torch.equal(again(x, LAM, 30), solver(x, LAM, 30))
    before = checkpoints.load(checkpoints.save(trained("slstm"), tmp_path / "two.safetensors"))
    assert before.norm is None and torch.equal(before(x, LAM, 30), trained("slstm")(x, LAM, 30))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"norm": 0.0}, "norm, a typical ‖x‖ of the pictures, must be > 0"),
        ({"norm": 2.0, "preset": "paper"}, "norm belongs to"),
        ({"norm": 2.0, "activation": "double-tanh"}, "norm belongs to shrinkage"),
    ],
)
def test_a_norm_that_cannot_be_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        solvers.build("slstm", torch.eye(4), **options)


def test_networks_for_every_lambda_are_bounded_and_others_are_not():
    images = data.load("digits")
    typical = float(images.pixels.double().square().sum(1).sqrt().median())
    assert training.bounds("slstm", images, "sc2net", {"preset": "recommended"})["norm"] == pytest.approx(typical, abs=1e-3)
    for name, loss, options in (("ista", "sc2net", {"preset": "recommended"}), ("slstm", "sc2net", {"preset": "paper"}),
                                ("slstm", "supervised", {"preset": "recommended"}),
                                ("slstm", "sc2net", {"preset": "recommended", "activation": "double-tanh"})):  # fmt: skip
        assert training.bounds(name, images, loss, options) == {}
