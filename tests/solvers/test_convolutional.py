"""Filters as a dictionary, and the solvers on them, against the explicit matrix and numpy."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from sc2viz import checkpoints, convolution, lasso, solvers

NAMES = ("conv-lista", "conv-lfista", "conv-slstm")
LAM = 0.1


def dictionary(size=(24, 24), stride=2, count=5, side=5, dtype=torch.float64, seed=0):
    filters = torch.randn(
        count, side, side, generator=torch.Generator().manual_seed(seed), dtype=dtype
    )
    return convolution.Dictionary(
        filters / filters.flatten(1).norm(dim=1)[:, None, None], stride, size
    )


def pictures(B, n=3, seed=1):
    return torch.rand(n, len(B), generator=torch.Generator().manual_seed(seed), dtype=B.dtype)


def columns(B):
    """The matrix of a dictionary, filter by filter and position by position, by numpy."""
    (high, wide), side = B.size, B.filters.shape[1]
    columns_made = []
    for top in range(1 - side, high, B.stride):
        for column in range(1 - side, wide, B.stride):
            for atom_filter in B.filters.numpy():
                canvas = np.zeros((high + 2 * side, wide + 2 * side))
                canvas[top + side : top + 2 * side, column + side : column + 2 * side] = atom_filter
                columns_made.append(canvas[side : side + high, side : side + wide].ravel())
    return torch.from_numpy(np.array(columns_made).T)


@pytest.mark.parametrize(
    ("size", "stride", "side"), [((11, 8), 3, 4), ((6, 7), 1, 3), ((3, 10), 4, 4)]
)
def test_the_operator_is_the_matrix_of_its_filters(size, stride, side):
    B = dictionary(size, stride, 3, side)
    matrix = columns(B)
    assert matrix.shape == B.shape and len(B) == size[0] * size[1]
    assert_close(B.matrix(), matrix, rtol=0, atol=1e-12)
    codes = torch.randn(
        2, B.shape[1], generator=torch.Generator().manual_seed(2), dtype=torch.float64
    )
    assert_close(B.synthesise(codes), codes @ matrix.T, rtol=0, atol=1e-12)
    assert B.norm().item() == pytest.approx(np.linalg.norm(matrix.numpy(), 2), rel=1e-5)
    x = pictures(B, 2)
    assert_close(B.analyse(x), x @ matrix, rtol=0, atol=1e-12)
    assert B.duality_gap(x, codes, LAM).tolist() == pytest.approx(
        lasso.duality_gap(x, codes, matrix, LAM).tolist()
    )


@pytest.mark.parametrize(
    ("name", "counterpart"), [("conv-lista", "ista"), ("conv-lfista", "fista")]
)
def test_untrained_networks_are_the_solvers_of_the_explicit_matrix(name, counterpart):
    B = dictionary(dtype=torch.float64)
    x = pictures(B)
    on_filters, on_matrix = solvers.build(name, B), solvers.build(counterpart, B.matrix())
    with torch.no_grad():
        mine, theirs = on_filters.trace(x, LAM), on_matrix.trace(x, LAM)
    assert mine.codes.shape == (11, 3, B.shape[1])
    assert (mine.codes - theirs.codes).abs().max() <= 1e-6 * theirs.codes.abs().max().clamp_min(1)
    assert (theirs.codes[-1] != 0).double().mean() > 0.01
    assert_close(
        on_filters.reconstruct(mine.codes[-1]),
        on_matrix.reconstruct(theirs.codes[-1]),
        rtol=1.3e-6,
        atol=1e-5,
    )


def stirred(name, B, seed=4):
    """A network whose parameters were all moved from where they start."""
    solver = solvers.build(name, B, steps=3)
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in solver.parameters():
            parameter.add_(
                0.05
                * parameter.abs().mean().clamp_min(0.1)
                * torch.randn(parameter.shape, generator=draw, dtype=parameter.dtype)
            )
    return solver


def test_open_input_gates_and_closed_forget_gates_leave_conv_lista():
    B = dictionary()
    plain, gated = stirred("conv-lista", B), solvers.build("conv-slstm", B, steps=3)
    gated.load_state_dict(plain.state_dict(), strict=False)
    x = pictures(B)
    with torch.no_grad():
        assert (gated(x, LAM) - plain(x, LAM)).abs().max() > 1e-3
        gated.gate_bias.copy_(gated.gate_bias.sign() * 50)
        assert_close(gated(x, LAM), plain(x, LAM), rtol=0, atol=1e-12)


def test_gates_see_their_own_map_the_picture_and_lambda():
    B = dictionary((8, 9), 2, 3, 4)
    solver, x = stirred("conv-slstm", B), pictures(B, 2)
    with torch.no_grad():
        trace = solver.trace(x, LAM)
    s = B.maps(trace.codes[2])  # (n, a, b, m) before the third iteration
    around = torch.nn.functional.pad(s, (0, 0, 1, 1, 1, 1)).numpy()
    inputs = (
        columns(B.with_filters(solver.on_picture[:3].detach())).numpy().T @ x.T.numpy()
    )  # of the input gate
    kernels, z = solver.on_codes.detach().numpy(), np.log10(LAM) + 1
    codes_seen = []
    for n, row, column, m in ((0, 0, 0, 0), (1, 2, 3, 2), (0, 3, 2, 0), (0, B.grid[0] - 1, 1, 1)):
        near = (kernels[m, 0] * around[n, row : row + 3, column : column + 3, m]).sum()
        from_picture = inputs[(row * B.grid[1] + column) * 3 + m, n]
        inside = near + from_picture + solver.gate_bias[m].item() + z * solver.gate_lambda[m].item()
        gate = B.maps(trace.input_gate[2])[n, row, column, m].item()
        assert gate == pytest.approx(1 / (1 + np.exp(-inside)), abs=1e-12)
        codes_seen.append(abs(near))
    assert max(codes_seen) > 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_a_file_keeps_the_network_and_its_size(name, tmp_path):
    B = dictionary((12, 9), 2, 4, 5, torch.float32)
    solver = stirred(name, B)
    loaded = checkpoints.load(checkpoints.save(solver, tmp_path / "network.safetensors"))
    x = pictures(B)
    with torch.no_grad():
        assert torch.equal(loaded(x, LAM), solver(x, LAM)) and loaded.dictionary.size == (12, 9)
    assert checkpoints.header(tmp_path / "network.safetensors").d_s == B.shape[1]


@pytest.mark.parametrize("name", NAMES)
def test_one_network_serves_pictures_of_any_size(name):
    """In the middle of a larger picture codes are as on a smaller one with the same surroundings."""
    solver = stirred(name, dictionary((40, 40), 2, 3, 3))
    picture = pictures(solver.dictionary, 1)
    cropped = picture.view(40, 40)[:, 4:].reshape(1, -1)
    with torch.no_grad():
        large = solver.dictionary.maps(solver(picture, LAM))
        smaller = solver.at((40, 36))
        small = smaller.dictionary.maps(smaller(cropped, LAM))
    assert solver.dictionary.size == (40, 40) and smaller.a is solver.a
    assert_close(small[:, :, 8:], large[:, :, 10:], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_each_row_has_a_lambda_of_its_own(name):
    B = dictionary((9, 9), 2, 3, 4)
    solver, x, lam = (
        stirred(name, B),
        pictures(B, 2),
        torch.tensor([0.05, 0.3], dtype=torch.float64),
    )
    with torch.no_grad():
        both = solver(x, lam)
        for row in range(2):
            assert_close(both[row : row + 1], solver(x[row : row + 1], lam[row].item()))


def test_training_keeps_filters_in_the_unit_ball_and_thresholds_above_zero():
    solver = stirred("conv-slstm", dictionary())
    with torch.no_grad():
        solver.weights.analysis.mul_(3)
        solver.a.sub_(1)
    solver.project_()
    for filters in (solver.weights.filters, solver.weights.analysis, solver.weights.synthesis):
        assert filters.flatten(-2).norm(dim=-1).max() <= 1 + 1e-12
    assert (solver.a >= 0).all() and (solver.b >= 0).all()
    grouped = [id(filters) for group in solver.parameter_groups() for filters in group["params"]]
    assert sorted(grouped) == sorted(map(id, solver.parameters()))


@pytest.mark.parametrize("name", NAMES)
def test_vectors_and_heads_are_refused(name):
    with pytest.raises(ValueError, match="codes whole pictures on filters"):
        solvers.build(name, torch.eye(9))
    with pytest.raises(ValueError, match="no softmax head"):
        solvers.build(name, dictionary(), classes=3)
    with pytest.raises(ValueError, match="safeguard"):
        solvers.build(name, dictionary()).trace(pictures(dictionary()), LAM, safeguard=True)


def test_a_matrix_solver_refuses_filters():
    with pytest.raises(ValueError, match="B must be a torch tensor"):
        solvers.build("ista", dictionary())


@pytest.mark.parametrize(
    ("filters", "stride", "size", "message"),
    [
        (torch.ones(2, 3, 4), 1, (5, 5), "square"),
        (torch.full((2, 3, 3), torch.nan), 1, (5, 5), "finite"),
        (torch.ones(2, 3, 3), 4, (5, 5), "stride must be at most 3"),
        (torch.ones(2, 3, 3), 0, (5, 5), "stride must be a whole number"),
        (torch.ones(2, 3, 3), 1, (0, 5), "height must be a whole number"),
    ],
)
def test_dictionaries_that_cannot_be_are_refused(filters, stride, size, message):
    with pytest.raises(ValueError, match=message):
        convolution.Dictionary(filters, stride, size)
