"""Codes that the browser's modules compute, in node, against torch and against `lasso`."""

import copy
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.browser import lowering, wire_format
from sc2viz.browser.export import LIMIT, Unexportable, export
from sc2viz.solvers.weights import step_size

DICTIONARIES = {"mnist-5k": "mnist", "digits": "digits", "grey-patches": "grey-patches"}
GUESTS = {  # files of tests/guests that are tensor code, and the solvers that they register
    "firm": "firm-ista",
    "gated": "gru-ista",
    "guest-cd": "guest-cd",
    "guest-encoder": "guest-encoder",
    "guest-glista": "guest-glista",
    "guest-lista-cp": "guest-lista-cp",
    "overcomplete": "overcomplete-ista",
    "residual": "residual-ista",
    "tista": "tista",
    "unbiased": "unbiased",
    "without_lambda": "top-k",
}
RUNNER = Path(__file__).with_name("codes.mjs")
TIES, AWAY = 1e-5, 1e6


@pytest.fixture(scope="module")
def node():
    """Run tests/browser/codes.mjs on what it should do; what it computed."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("node is not installed")

    def run(**message) -> dict:
        done = subprocess.run(
            [path, RUNNER], input=json.dumps(message), capture_output=True, text=True
        )
        assert not done.returncode, done.stderr
        return json.loads(done.stdout)

    return run


def shaken(solver: solvers.Solver, seed: int = 0) -> solvers.Solver:
    """A guest with parameters that training might give it."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in solver.named_parameters():
            if parameter is not solver.dictionary and name != "weights.B":
                parameter += (
                    0.05
                    * torch.randn(parameter.shape, generator=draw)
                    * parameter.abs().clamp_min(0.02)
                )
    return solver


def shipped(name: str) -> list[solvers.Solver]:
    """Every solver of a dictionary: the built-in ones, untrained, and what is trained for it."""
    B = checkpoints.load_dictionary(name)
    built = []
    for solver_name in solvers.NAMES:
        try:
            built.append(solvers.build(solver_name, B))
        except ValueError:  # this dictionary does not suit it
            continue
    return built + [checkpoints.load(solver_name) for solver_name in checkpoints.available(name)]


def cases(
    x: torch.Tensor, seed: int, count: int = 20, max_iterations: int = 50
) -> list[tuple[int, float, int]]:
    """Random (picture, λ, T)."""
    rng = np.random.default_rng(seed)
    return [
        (
            int(rng.integers(len(x))),
            float(f"{10 ** rng.uniform(-2, 0):.3g}"),
            int(rng.integers(1, max_iterations + 1)),
        )
        for _ in range(count)
    ]


def computed(
    node, solver_list: list[solvers.Solver], x: torch.Tensor, tried: list, guards=None
) -> list[list[np.ndarray]]:
    """The codes of solvers at (picture, λ, T) in node."""
    graphs, texts = [export(solver) for solver in solver_list], {}
    pictures = [wire_format.exactly(x[row].numpy()) for row in range(len(x))]
    for parcel in [*pictures, *(parcel for graph in graphs for parcel in graph.parcels)]:
        texts[parcel.name] = parcel.text
    requests = [{"x": pictures[row].name, "lam": lam, "T": T} for row, lam, T in tried]
    descriptions = [
        {"data": graph.data, "cases": requests, "guard": guards and guards[k]}
        for k, graph in enumerate(graphs)
    ]
    for guard in guards or []:
        texts |= guard.pop("texts")
    answers = node(texts=texts, solvers=descriptions)["solvers"]
    return [[np.array(codes, dtype=float) for codes in rows] for rows in answers]


def check(
    solver: solvers.Solver, x: torch.Tensor, tried: list, codes_found: list[np.ndarray]
) -> None:
    """Codes as torch computes them from the same weights, but where two atoms are as good as each other. A search computes
    in float64, and so does torch then: least squares on many atoms are not accurate enough in float32. Where iterations
    enlarge rounding errors, both are compared with torch's codes in float64, from which torch's own must not be nearer."""
    precise = copy.deepcopy(solver).double()
    if solver.search():
        solver, x = precise, x.double()
    for (row, lam, T), codes in zip(tried, codes_found, strict=True):
        with torch.no_grad():
            expected = solver(x[row : row + 1], lam, T)[0].numpy()
        if not np.abs(expected).max() < AWAY:  # an untrained network has run away, here and there
            assert not np.abs(codes).max() < AWAY / 10, (solver.label, row, lam, T)
            continue
        difference, size = np.abs(codes - expected), max(np.abs(expected).max(), 1e-6)
        if solver.traits.aims_at == "sparsity":  # of atoms that tie, either may be kept
            ties = (expected == 0) != (codes == 0)
            smallest = np.abs(expected[(expected != 0)]).min(initial=np.inf)
            assert (np.abs(np.abs(expected + codes)[ties] - smallest) <= TIES * size).all(), (
                solver.label,
                row,
                lam,
                T,
            )
            difference = difference[~ties]
        if difference.max(initial=0) > 1e-4 * size:
            with torch.no_grad():
                truth = precise(x[row : row + 1].double(), lam, T)[0].numpy()
            wrong, torchs = (np.abs(candidate - truth).max() for candidate in (codes, expected))
            assert wrong <= max(1e-4 * size, torchs), (solver.label, row, lam, T, wrong / size)


@pytest.mark.everyday("digits")
@pytest.mark.parametrize("name", ["grey-patches", "mnist-5k", "digits"])
def test_every_solver_that_ships_is_torchs(node, name):
    shipped_solvers, x = shipped(DICTIONARIES[name]), data.load(name, "test").pixels[:200]
    tried = cases(x, seed=1, count=10 if name == "digits" else 20)
    assert len(shipped_solvers) >= 11
    for solver, codes in zip(
        shipped_solvers, computed(node, shipped_solvers, x, tried), strict=True
    ):
        check(solver, x, tried, codes)


def test_guests_that_are_tensor_code_are_torchs(node, bring):
    bring(*GUESTS)
    rng = np.random.default_rng(0)
    B = lasso.normalised(torch.tensor(rng.normal(size=(16, 24)), dtype=torch.float32))
    x = torch.tensor(rng.random((30, 16)), dtype=torch.float32)
    guests = [shaken(solvers.build(name, B)) for name in GUESTS.values()]
    tried = cases(x, seed=2)
    for solver, codes in zip(guests, computed(node, guests, x, tried), strict=True):
        check(solver, x, tried, codes)


def test_beyond_a_hundred_iterations_the_last_step_goes_on(node):
    B = checkpoints.load_dictionary("digits")
    solver, x = solvers.build("ista", B), data.load("digits", "test").pixels[:2]
    tried = [(0, 0.1, LIMIT), (1, 0.1, LIMIT + 20)]
    (codes,) = computed(node, [solver], x, tried)
    check(solver, x, tried, codes)


def test_the_safeguard_is_torchs(node):
    """A network that runs away, and one whose iterations the safeguard leaves alone at first."""
    B, x = checkpoints.load_dictionary("digits"), data.load("digits", "test").pixels[:20]
    runaway = solvers.build("slstm", B, preset="paper", seed=3)
    tried = cases(x, seed=3, count=8, max_iterations=12)
    atoms = wire_format.exactly(runaway.dictionary.detach().T.contiguous().numpy())
    tau, texts = float(step_size(runaway.dictionary)), {atoms.name: atoms.text}
    guard = {"beyond": 2, "tau": tau, "atoms": atoms.name, "texts": texts}
    (answer,) = computed(node, [runaway], x, tried, [guard])
    acted = False
    for (row, lam, T), codes in zip(tried, answer, strict=True):
        with torch.no_grad():
            trace = runaway.trace(x[row : row + 1], lam, T, safeguard=True, beyond=2)
        acted = acted or bool(trace.safeguarded.any())
        expected = trace.codes[-1, 0].numpy()
        assert np.abs(codes - expected).max() <= 1e-4 * max(1e-6, np.abs(expected).max()), (
            row,
            lam,
            T,
        )
    assert acted


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (
            "one_lambda",
            r"One-λ ISTA is not computed in the browser \(one_lambda\.py, line 18\), because its Python asks for a "
            "number that depends on the picture or on λ",
        ),
        (
            "guest-raises",
            r"Raising ISTA .* \(guest-raises\.py, line 20\), because it failed: RuntimeError: there is no third",
        ),
    ],
)
def test_what_cannot_be_exported_says_why(bring, file, reason):
    bring(file)
    solver = solvers.build(list(solvers.NAMES)[-1], checkpoints.load_dictionary("digits"))
    with pytest.raises(Unexportable, match=reason):
        export(solver)
    with pytest.raises(Unexportable, match=reason):  # the reason is kept as a graph is
        export(solver)


BRANCHES = {
    "asks for a number": "while candidate.abs().max() > 1: candidate = candidate / 2",
    "reads numbers": "candidate = torch.tensor(candidate.tolist())",
    "reads numbers that depend": "candidate = candidate.new_tensor(__import__('numpy').asarray(candidate))",
    "draws random numbers": "candidate = candidate + torch.rand_like(candidate)",
    "has no operation": "candidate = candidate + torch.linalg.inv(torch.eye(len(candidate)) + candidate @ candidate.T)",
    "writes into a tensor": "drive.fixed.add_(1)",
}


@pytest.mark.parametrize("reason", BRANCHES)
def test_code_whose_record_would_hold_for_one_picture_is_refused(reason):
    class Odd(solvers.ISTA):
        label = "Odd"

        def step(self, state, drive):
            candidate = state.codes
            scope = {"candidate": candidate, "torch": torch, "drive": drive}
            exec(BRANCHES[reason], scope)
            return solvers.State(state.t + 1, scope["candidate"])

    with pytest.raises(
        Unexportable, match=f"Odd is not computed in the browser.*because.*{reason}"
    ):
        export(Odd(checkpoints.load_dictionary("digits")))


def test_writing_into_tensors_and_reading_constants_is_recorded(node):
    """Coordinate descent in place: views are written, and Python reads the constants' numbers."""

    class InPlace(solvers.ISTA):
        label = "In place"

        def drive(self, x, lam):
            B = self.dictionary
            return x @ B, B.T @ B, lam

        def step(self, state, drive):
            projection, gram, lam = drive
            s = state.codes.clone()
            for j, square in enumerate(gram.diagonal().tolist()[:9]):
                correlation = projection[:, j] - s @ gram[j] + s[:, j] * square
                s[:, j] = torch.sign(correlation) * (correlation.abs() - lam).clamp_min(0) / square
                s[:, 9:][:, 1].mul_(0.5).add_(s[:, j])
            first, second = s.split((60, 40), dim=1)
            second[:, 1:3] += first[:, :2].sort(1)[0].flip(1) * 0.01
            return solvers.State(state.t + 1, s)

    solver, x = (
        InPlace(checkpoints.load_dictionary("digits")),
        data.load("digits", "test").pixels[:9],
    )
    tried = cases(x, seed=5)
    (codes,) = computed(node, [solver], x, tried)
    check(solver, x, tried, codes)


def test_every_operation_of_a_graph_is_the_browsers(node):
    address = (Path(lowering.__file__).parent / "operations.js").as_uri()
    script = f'import {{ operations }} from "{address}"; process.stdout.write(JSON.stringify(Object.keys(operations)))'
    output = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True
    ).stdout
    others = (
        "where full copy strided strided_set cat mm sum amax amin prod argmax order index_select gather scatter "
        "scatter_add cumsum"
    )
    assert {*json.loads(output)} == {*lowering.UNARY, *lowering.BINARY, *others.split()}


def dictionary(rng: np.random.Generator, kind: str) -> np.ndarray:
    d_x, d_s = rng.integers(4, 30, 2)
    B = rng.normal(size=(d_x, d_s))
    if kind == "coherent":
        B = B[:, :1] + 0.05 * B
    B /= np.linalg.norm(B, axis=0)
    if kind == "duplicated":
        B[:, d_s // 2 :] = B[:, : d_s - d_s // 2]
    if kind == "zero":
        B[:, :: max(2, d_s // 3)] = 0
    return B.astype(np.float32)


def test_the_homotopy_is_exact(node):
    rng = np.random.default_rng(7)
    kinds = [("random", "duplicated", "zero", "coherent")[k % 4] for k in range(100)]
    Bs = [dictionary(rng, kind) for kind in kinds]
    xs = [rng.normal(size=len(B)).astype(np.float32) for B in Bs]
    tops = [np.abs(B.T @ x).max() for B, x in zip(Bs, xs, strict=True)]
    lams = [
        sorted((top * rng.uniform(0.005, 1.1, 6)).tolist(), reverse=k % 2)
        for k, top in enumerate(tops)
    ]
    packed = [(wire_format.exactly(B), wire_format.exactly(x)) for B, x in zip(Bs, xs, strict=True)]
    texts = {parcel.name: parcel.text for pair in packed for parcel in pair}
    problems = [
        {
            "B": b.name,
            "d_x": B.shape[0],
            "d_s": B.shape[1],
            "cases": [{"x": x.name, "lams": lams_of_row}],
        }
        for (b, x), B, lams_of_row in zip(packed, Bs, lams, strict=True)
    ]
    solved = node(texts=texts, problems=problems)["problems"]
    for kind, B, x, lams_of_row, (answers,) in zip(kinds, Bs, xs, lams, solved, strict=True):
        x, B = torch.from_numpy(x).double()[None], torch.from_numpy(B).double()
        path = lasso.path(x, B, min(lams_of_row))
        for lam, answer in zip(lams_of_row, answers, strict=True):
            codes = torch.tensor(answer["codes"], dtype=torch.float64)[None]
            F = lasso.objective(x, codes, B, lam)
            gap = (lasso.duality_gap(x, codes, B, lam) / F.clamp_min(1e-300)).item()
            assert gap <= 1e-6, (kind, lam)
            assert answer["gap"] == pytest.approx(gap, abs=1e-9)
            if kind in ("random", "zero") and path.complete.all():
                assert ((codes != 0) == (path.at(lam) != 0)).all(), (kind, lam)
