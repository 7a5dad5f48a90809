"""Every solver against its equations, written out here once more in numpy and float64."""

import threading
import weakref
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.utils.flop_counter
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax, softplus
from torch.testing import assert_close

from sc2viz import checkpoints, data, evaluation, lasso, solvers
from sc2viz.analysis import recovery
from sc2viz.solvers import weights
from tests.problems import F, problem, soft
from tests.problems import stirred as shaken

LEARNED = [
    ("lista", {}),
    ("lista", {"preset": "paper"}),
    ("lfista", {}),
    ("lfista", {"preset": "paper"}),
    ("slstm", {}),
    ("slstm", {"kappa": 1.0}),
    ("slstm", {"activation": "double-tanh"}),
    ("slstm", {"preset": "paper"}),
    ("slstm", {"preset": "paper", "activation": "shrinkage"}),
]
ALL = [
    ("ista", {}),
    ("fista", {}),
    ("adaptive-ista", {"input_gate": 0.8, "forget_gate": 0.3}),
    *LEARNED,
]
every_solver = pytest.mark.parametrize(
    "name, options", ALL, ids=lambda value: str(value) if value else "-"
)
every_learned_solver = pytest.mark.parametrize(
    "name, options", LEARNED, ids=lambda value: str(value) if value else "-"
)
precisions = pytest.mark.parametrize("dtype, rtol", [(torch.float32, 2e-5), (torch.float64, 1e-11)])


def stirred(solver, seed=0, scale=0.3):
    """The solver with every parameter moved at random, as training would: equations that start alike part here."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in solver.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64).to(
                parameter
            )
            parameter += (
                scale
                / max(parameter.shape[-1], 1) ** 0.5
                * noise
                * min(1.0, solver.weights.matrices().step)
            )
    return solver


# The equations, written out -------------------------------------------------------------------------------------------

Path = namedtuple("Path", "codes cell candidate input_gate forget_gate")


def written_out(solver, x, lam, steps):
    """What `solver.trace(x, lam, steps)` should be, from the solver's raw parameters P. Columns are samples here."""
    P = {key: value.detach().double().numpy() for key, value in solver.state_dict().items()}
    P = {
        key: value[:, None] if value.shape == (len(solver.W_e),) else value
        for key, value in P.items()
    }
    x, lam = x.double().numpy().T, np.asarray(lam, dtype=np.float64)

    if "weights.encoder" in P:  # the paper's free matrices
        W_e, W_d, W_m, step = (
            P["weights.recurrent"],
            P["weights.encoder"],
            P.get("weights.momentum"),
            P["weights.tau"],
        )
    elif "weights.delta_e" in P:  # corrections around the dictionary
        B, step = P["weights.B"], P["weights.kappa"] * P["weights.tau"]
        W_d = step * B.T + P["weights.delta_d"]
        W_e = np.eye(B.shape[1]) - W_d @ B + P["weights.delta_e"]
        W_m = np.eye(B.shape[1]) - W_d @ B + P.get("weights.delta_m", 0)
    else:  # Eq. (6)
        B = P["weights.B"]
        step = 1 / np.linalg.norm(B, 2) ** 2
        W_e, W_d = np.eye(B.shape[1]) - step * B.T @ B, step * B.T

    def candidate(t, s, previous):
        if solver.name == "fista":
            k = [
                None,
                1.0,
            ]  # Beck & Teboulle's t₁, t₂, …: their y_{k+1} = x_k + (t_k − 1)/t_{k+1} (x_k − x_{k−1})
            while len(k) <= t:
                k.append((1 + np.sqrt(1 + 4 * k[-1] ** 2)) / 2)
            return W_e @ (s + (k[t - 1] - 1) / k[t] * (s - previous) if t > 1 else s) + W_d @ x
        if solver.name == "lfista":
            m = P["m"][min(t, len(P["m"])) - 1].item()
            return (1 + m) * W_e @ s - m * W_m @ previous + W_d @ x
        return W_e @ s + W_d @ x

    def gate(kind, s):
        if solver.name == "adaptive-ista":
            return np.broadcast_to(P[{"i": "input_gate", "f": "forget_gate"}[kind]], s.shape)
        if solver.name != "slstm":
            return {"i": 1.0, "f": 0.0}[kind]
        to_gate = P[f"W_{kind}s"] @ s + P[f"W_{kind}x"] @ x
        if "gate_bias" in P:
            row = {"i": 0, "f": 1}[kind]
            to_gate += P["gate_bias"][row][:, None] + P["gate_lambda"][row][:, None] * (
                np.log10(lam) + 1
            )
        return expit(to_gate)

    def h(c):
        if "D" in P:
            u = softplus(P["u"] + P.get("u_lambda", 0) * np.log(lam))
            return P["D"] * (np.tanh(c + u) + np.tanh(c - u))
        theta = lam * step * np.exp(P.get("a", 0) + P.get("v", 0) * (np.log10(lam) + 1))
        return soft(c, theta)

    s = previous = c = np.zeros((len(W_e), x.shape[1]))
    path = Path([s], [c], [], [], [])
    for t in range(1, steps + 1):
        new, i, f = candidate(t, s, previous), gate("i", s), gate("f", s)
        c = f * c + i * new
        s, previous = h(c), s
        for record, value in zip(path, (s, c, new, i, f), strict=True):
            record.append(value)
    if solver.name not in ("adaptive-ista", "slstm"):
        path = path._replace(cell=None, input_gate=None, forget_gate=None)
    return Path(*(None if record is None else np.array(record).swapaxes(1, 2) for record in path))


def assert_follows(solver, x, lam, steps, rtol):
    expected, path = written_out(solver, x, lam, steps), solver.trace(x, lam, steps)
    for field in Path._fields:
        measured, expected_field = getattr(path, field), getattr(expected, field)
        assert (measured is None) == (expected_field is None), field
        if expected_field is not None:
            atol = rtol * max(1.0, np.abs(expected_field).max())
            assert_allclose(
                measured.detach().numpy(), expected_field, rtol=0, atol=atol, err_msg=field
            )


@st.composite
def cases(draw):
    """x, B, λ (a float, or one a sample), steps, and a seed."""
    n, seed = draw(st.integers(1, 4)), draw(st.integers(0, 10**6))
    x, B = problem(n, draw(st.integers(1, 15)), draw(st.integers(1, 24)), seed)
    lams = st.floats(-2, 0).map(lambda exponent: 10**exponent)
    lam = draw(st.one_of(lams, st.lists(lams, min_size=n, max_size=n).map(torch.tensor)))
    return x, B, lam, draw(st.integers(1, 12)), seed


@every_solver
@given(case=cases())
def test_every_solver_is_its_equations(name, options, case):
    x, B, lam, steps, seed = case
    solver = solvers.build(
        name, B, steps=8, seed=seed, **options
    )  # steps beyond 8: longer than trained for
    assert_follows(stirred(solver, seed), x, lam, steps, 1e-9)


@every_solver
def test_float32_follows_the_equations_as_far_as_float32_can(name, options):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, B = problem(3, rng.integers(1, 15), rng.integers(1, 24), seed, torch.float32)
        lam = torch.from_numpy(10 ** rng.uniform(-2, 0, 3)).float()
        solver = solvers.build(name, B, steps=8, seed=seed, **options)
        assert_follows(stirred(solver, seed), x, lam if seed % 2 else lam[0].item(), 12, 2e-5)


# What they have in common ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", solvers.PRESETS)
@precisions
def test_untrained_networks_are_what_they_unfold(preset, dtype, rtol):
    x, B = problem(dtype=dtype)
    open_gates = {"activation": "shrinkage", "kappa": 1.0, "gate_bias": 40.0}
    unfolded = [
        ("lista", {"preset": preset}, "ista"),
        ("lfista", {"preset": preset, "steps": 15}, "fista"),
        ("adaptive-ista", {"input_gate": 1.0, "forget_gate": 0.0}, "ista"),
        ("slstm", open_gates, "ista"),
    ]
    for lam in (0.03, torch.tensor([0.01, 0.1, 0.3, 1.0], dtype=dtype)):
        for name, options, counterpart in unfolded:
            expected = solvers.build(counterpart, B)(x, lam, options.get("steps"))
            codes = solvers.build(name, B, **options)(x, lam)
            assert_close(codes, expected, rtol=0, atol=rtol)
            assert expected.any()
    assert (solvers.build("fista", B)(x, lam) - expected).abs().max() > 1e-3


@pytest.mark.parametrize("kappa", [1.5, 2.0, 4.0])
def test_the_untrained_slstm_heads_for_the_optimum_of_the_lasso(kappa):
    x, B = problem()
    slstm = solvers.build("slstm", B, kappa=kappa)
    path = slstm.trace(x, 0.1)
    assert_close(path.input_gate, torch.full_like(path.input_gate, 1 / kappa))
    assert_close(path.forget_gate, torch.full_like(path.forget_gate, 1 - 1 / kappa))
    F = lasso.objective(x, slstm(x, 0.1, steps=3000), B, 0.1)
    best = lasso.objective(x, lasso.solve(x, B, 0.1, tol=1e-8).codes, B, 0.1)
    assert_close(F, best, rtol=1e-6, atol=0)


def test_the_untrained_slstm_takes_nearly_istas_steps():
    x, lam = data.load("digits", split="test").pixels[:100], 0.1
    B = checkpoints.load_dictionary("digits/dictionary")
    best = lasso.objective(x, lasso.solve(x, B, lam).codes, B, lam)

    def excess(name):
        codes = solvers.build(name, B).trace(x, lam, steps=40).codes[1:].detach()
        return torch.tensor([evaluation.excess(lasso.objective(x, s, B, lam), best) for s in codes])

    assert_close(excess("slstm"), excess("ista"), rtol=0.02, atol=0)


def build_stirred(name, options, B, **arguments):
    return stirred(solvers.build(name, B, **options, **arguments))


@every_solver
def test_a_trace_holds_what_calls_return(name, options):
    x, B = problem(dtype=torch.float32)
    solver = build_stirred(name, options, B, steps=5)
    path = solver.trace(x, 0.1)
    assert path.codes.shape == (6, 4, 20) and path.candidate.shape == (5, 4, 20)
    for t, codes in enumerate(path.codes):
        assert torch.equal(codes, solver(x, 0.1, steps=t)) and codes.any() == (t > 0)
    assert torch.equal(solver(x, 0.1), codes)
    assert solver.trace(x, 0.1, steps=0).input_gate is None
    if name in ("adaptive-ista", "slstm"):
        assert path.cell.shape == (6, 4, 20) and not path.cell[0].any()
        mixed = path.forget_gate * path.cell[:-1] + path.input_gate * path.candidate
        assert_close(path.cell[1:], mixed)
    else:
        assert path.cell is path.input_gate is path.forget_gate is None


@every_solver
def test_gradients_through_the_loop(name, options, monkeypatch):
    """By x, by λ and by every parameter, against finite differences."""
    x, B = problem(n=2, d_x=4, d_s=5)
    solver = build_stirred(name, options, B, steps=3, classes=3)
    tau = weights.step_size(B)
    monkeypatch.setattr(
        weights, "step_size", lambda B: tau
    )  # outside the gradient, so fixed for the differences too
    names, values = zip(*solver.named_parameters(), strict=True)

    def run(x, lam, *values):
        state = dict(zip(names, values, strict=True))
        return torch.func.functional_call(solver, state, (x, lam))

    lam = torch.tensor([0.05, 0.2], dtype=x.dtype)
    inputs = tuple(value.detach().clone().requires_grad_() for value in (x, lam, *values))
    assert torch.autograd.gradcheck(run, inputs)


@every_solver
def test_solver_keeps_to_its_dtype_and_leaves_its_inputs_alone(name, options):
    for dtype in (torch.float32, torch.float64):
        x, B = problem(dtype=dtype)
        kept_x, kept_B = x.clone(), B.clone()
        solver = stirred(solvers.build(name, B, **options))
        solver.project_()
        assert solver(x, 0.1).dtype == solver(x, torch.full((4,), 0.1)).dtype == dtype
        assert torch.equal(x, kept_x) and torch.equal(B, kept_B)
        assert solver(x[:0], 0.1).shape == (0, 20)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@every_solver
def test_cuda_agrees_with_the_cpu(name, options):
    x, B = problem(n=50, d_x=64, d_s=100, dtype=torch.float32)
    solver = build_stirred(name, options, B, steps=10)
    on_cpu = solver.trace(x, 0.1)
    on_cuda = solver.cuda().trace(x.cuda(), 0.1)
    for field in Path._fields:
        if getattr(on_cpu, field) is not None:
            assert_close(
                getattr(on_cuda, field).cpu(), getattr(on_cpu, field), rtol=1e-5, atol=1e-5
            )


# Weights --------------------------------------------------------------------------------------------------------------


@every_solver
def test_the_dictionary_and_the_matrices_that_imply_it(name, options):
    """The step of a learned solver stays that of its first dictionary."""
    _, B = problem()
    solver = solvers.build(name, B, **options)
    tau, by_gates = (
        1 / np.linalg.norm(B.numpy(), 2) ** 2,
        name == "slstm" and "preset" not in options,
    )
    step = tau * options.get("kappa", 2.0 if by_gates else 1.0)
    assert_close(solver.dictionary, B)
    assert_close(solver.W_d, step * B.T)
    assert_close(solver.W_e, torch.eye(20, dtype=B.dtype) - step * B.T @ B)
    stirred(solver)
    if "preset" in options:  # the decoder tied to the encoder, as printed
        assert_close(solver.dictionary, solver.W_d.T / tau)
    saved = solver.state_dict().get("weights.tau")
    assert saved is None or saved.item() == pytest.approx(tau)
    assert (saved is not None) == ((name, options) in LEARNED)


@every_solver
def test_projection_clips_atoms_to_the_unit_ball_and_touches_nothing_else(name, options):
    solver = stirred(solvers.build(name, problem()[1], **options))
    with torch.no_grad():
        atoms = solver.weights.encoder if "preset" in options else solver.weights.B.T
        atoms[:10] *= 7
        atoms[10] = 0
    state_before = {key: value.clone() for key, value in solver.state_dict().items()}
    D = solver.dictionary.detach().clone()
    solver.project_()
    assert (D.norm(dim=0) > 1).any() and (D.norm(dim=0) < 1).any()
    assert_close(solver.dictionary, D / D.norm(dim=0).clamp_min(1))
    state_after = solver.state_dict()
    changed = {key for key in state_before if not torch.equal(state_after[key], state_before[key])}
    assert changed == {"weights.encoder" if "preset" in options else "weights.B"}


@pytest.mark.parametrize(("name", "gate"), [("slstm", "W_is"), ("na-alista", "recurrent")])
def test_a_seed_gives_the_same_network_in_two_threads_at_once_and_draws_from_no_generator_of_theirs(
    name, gate
):
    _, B = problem(dtype=torch.float32)
    rng_state, together = torch.get_rng_state(), threading.Barrier(2)

    def build_network(seed):
        together.wait(10)
        return solvers.build(name, B, preset="paper", seed=seed).state_dict()[gate]

    with ThreadPoolExecutor(2) as readers:
        for _ in range(50):
            assert torch.equal(*readers.map(build_network, (1, 1)))
        assert not torch.equal(*readers.map(build_network, (1, 2)))
    assert torch.equal(torch.get_rng_state(), rng_state)


@pytest.mark.parametrize("name", solvers.NAMES)
def test_strange_dictionaries(name):
    """Zero atoms, nothing but zeros, atoms far inside the ball: finite codes, and zero for zero atoms."""
    x, B = problem()
    B[:, 3] = 0
    assert (solvers.build(name, B)(x, 0.1)[:, 3] == 0).all()
    assert solvers.solver_class(name)(B).steps == solvers.build(name, B).steps == 10
    for strange in (torch.zeros(12, 20), B.float() / 100):
        for rows in (x.float(), 0 * x.float()):
            assert torch.isfinite(solvers.build(name, strange)(rows, 0.1)).all()


def test_the_head_is_a_softmax_on_the_codes():
    x, B = problem()
    solver = solvers.build("slstm", B, classes=3)
    assert (solver.classify(x, 0.1) == 0).all()  # at the start no class is preferred
    stirred(solver, scale=9.0)
    logits, codes, C = (
        solver.classify(x, 0.1, steps=4),
        solver(x, 0.1, steps=4),
        solver.C.detach().numpy(),
    )
    expected = softmax([[C[j] @ s for j in range(3)] for s in codes.detach().numpy()], axis=1)
    assert_allclose(logits.softmax(1).detach(), expected, atol=1e-12)
    path = solver.trace(x, 0.1, steps=4)
    assert_close(solver.head(path.codes)[-1], logits)


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"name": "ISTA"}, f"solver must be one of {', '.join(solvers.NAMES)}, got 'ISTA'"),
        ({"preset": "best"}, "preset must be one of recommended, paper, got 'best'"),
        ({"activation": "relu"}, "activation must be 'shrinkage' or 'double-tanh', got 'relu'"),
        ({"kappa": 0.5}, "kappa must be ≥ 1 and finite, got 0.5"),
        ({"kappa": 1.0, "preset": "paper"}, "kappa and gate_bias belong to the preset recommended"),
        ({"layers": 3}, "slstm has no option 'layers'; it takes .*activation, classes"),
        (
            {"name": "adaptive-ista", "input_gate": torch.ones(3)},
            "input_gate must be .* each of 20 atoms, or a row",
        ),
        (
            {"name": "adaptive-ista", "forget_gate": float("inf")},
            "forget_gate must be a finite number",
        ),
        ({"name": "ista", "kappa": 2.0}, "ista has no option 'kappa'"),
    ],
)
def test_bad_options_are_named_with_their_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        solvers.build(**{"name": "slstm", "B": problem()[1]} | arguments)


@every_solver
def test_bad_pictures_and_lambdas_are_named_with_their_value(name, options):
    x, B = problem()
    solver = solvers.build(name, B, **options)
    for bad_x in (x[:, :5], x[0]):
        with pytest.raises(
            ValueError, match=r"x must be \(n, 12\) to fit this solver's atoms, got"
        ):
            solver(bad_x, 0.1)
    for lam, message in (
        (-0.1, r"lam must be > 0, got -0\.1"),
        (torch.ones(3), "one for each of the 4 samples"),
    ):
        with pytest.raises(ValueError, match=message):
            solver.trace(x, lam)
    with pytest.raises(ValueError, match="steps must be a whole number ≥ 0, got -1"):
        solver(x, 0.1, steps=-1)
    with pytest.raises(ValueError, match=f"this {name} has no softmax head"):
        solver.classify(x, 0.1)


def test_options_that_a_solver_has_no_use_for_are_ignored():
    _, B = problem()
    for name in solvers.NAMES:
        assert solvers.build(name, B, preset="paper", activation="shrinkage").name == name


def test_gates_by_hand_may_differ_from_iteration_to_iteration(tmp_path):
    """Eq. (7) has i⁽ᵗ⁾ and f⁽ᵗ⁾: three rows of gates for five iterations, against numpy; the last one stays."""
    x, B = problem()
    i, f = np.random.default_rng(0).uniform(0.2, 0.9, (2, 3, 20))
    solver = solvers.build("adaptive-ista", B, input_gate=i, forget_gate=torch.from_numpy(f))
    atoms, s = B.numpy(), np.zeros((4, 20))
    tau, c = 1 / np.linalg.norm(atoms, 2) ** 2, s
    for t in (0, 1, 2, 2, 2):
        c = f[t] * c + i[t] * (s + tau * (x.numpy() - s @ atoms.T) @ atoms)
        s = soft(c, 0.1 * tau)
    path = solver.trace(x, 0.1, 5)
    assert_allclose(path.codes[-1].detach(), s, rtol=1e-9)
    assert_array_equal(path.input_gate[4], np.broadcast_to(i[2], (4, 20)))
    plain = solvers.build("adaptive-ista", B)
    loaded = checkpoints.load(checkpoints.save(solver, tmp_path / "gates.safetensors"))
    for network in (plain.with_gates(i, f), loaded):
        assert torch.equal(network(x, 0.1, 5), solver(x, 0.1, 5))
    assert (plain.input_gate == 1).all()
    with pytest.raises(ValueError, match="each iteration"):
        solvers.build("adaptive-ista", B, input_gate=np.ones((3, 4)))


@every_solver
def test_a_safeguard_never_lets_F_rise_and_treats_every_sample_as_if_it_were_alone(name, options):
    x, B = problem()
    solver = shaken(solvers.build(name, B, 3, **options), 0.3)  # it runs away
    path = solver.trace(x, 0.1, steps=400, safeguard=True)
    costs = F(x, path.codes, solver.dictionary, 0.1)
    assert path.safeguarded.shape == (400, len(x)) and path.safeguarded.dtype == torch.bool
    assert (costs[1:] <= costs[:-1] * (1 + 1e-5) + 1e-6).all() and (costs[-1] < costs[0]).all()
    for row in range(4):
        alone = solver.trace(x[[row]], 0.1, steps=12, safeguard=True)
        assert torch.equal(alone.safeguarded[:, 0], path.safeguarded[:12, row])
        assert_close(alone.codes[:, 0], path.codes[:13, row], rtol=1e-4, atol=1e-5)


def test_a_safeguard_begins_beyond_an_iteration():
    x, B = problem()
    solver = solvers.build("adaptive-ista", B, input_gate=1.8, forget_gate=0.9)  # it overshoots
    plain, guarded = solver.trace(x, 0.1, 30), solver.trace(x, 0.1, 30, safeguard=True, beyond=12)
    assert_close(guarded.codes[:13], plain.codes[:13])
    rises = np.diff(F(x, guarded.codes, B, 0.1), axis=0) > 1e-6
    assert rises[:12].any() and not rises[12:].any()
    assert not guarded.safeguarded[:12].any() and guarded.safeguarded[12:].any()


@pytest.mark.parametrize("name", ["ista", "slstm"])
def test_matrices_that_are_kept_are_those_of_the_equations_and_count_where_operations_are_watched(
    name,
):
    solver = stirred(solvers.build(name, problem()[1])).requires_grad_(False)
    matrices, counted = solver.weights.matrices(), recovery.multiplications(solver, 3)
    weights.keep_matrices(solver.weights)
    for _ in range(2):
        for matrix, expected in zip(solver.weights.matrices(), matrices, strict=True):
            assert matrix is expected is None or torch.equal(matrix, expected)
        assert recovery.multiplications(solver, 3) == counted
    assert solver.weights.matrices() is solver.weights.matrices()
    with torch.utils.flop_counter.FlopCounterMode(display=False) as watched:
        solver.weights.matrices()
    assert watched.get_total_flops() > 0
    gone = weakref.ref(solver.weights)
    del solver
    assert gone() is None
