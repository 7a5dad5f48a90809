"""Checkpoints: what goes in comes out, what is not one is refused with its reason, and no kill leaves half a file."""

import json
import pickle
import random
import re
import struct
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as to_bytes

from sc2viz import checkpoints, lasso, solvers

ROOT = Path(__file__).resolve().parents[1]
# A solver, its options, and the variant that its file notes.
EVERY = [(name, {}, "") for name in solvers.NAMES]
EVERY += [(name, {"preset": "paper"}, "") for name in ("lista", "lfista")]
EVERY += [
    ("slstm", {"kappa": 1.5}, ""),
    ("slstm", {"norm": 2.0, "shorten": True, "positive": True}, ""),
    ("slstm", {"activation": "double-tanh"}, "double-tanh"),
    ("slstm", {"preset": "paper"}, "paper"),
    ("slstm", {"preset": "paper", "activation": "shrinkage"}, "paper"),
    ("adaptive-ista", {"input_gate": torch.linspace(0.5, 1, 12), "forget_gate": 0.2}, ""),
    ("lista-cp", {"selection": True, "analytic": True}, "selection"),
    ("alista", {"selection": True, "gated": True, "ridge": 0.5}, "gated"),
    ("topk-sae", {"k": 3, "batch": True}, ""),
]


def problem(dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    B = lasso.normalised(torch.randn(8, 12, generator=generator, dtype=dtype))
    return torch.rand(5, 8, generator=generator, dtype=dtype), B


def stirred(solver):
    with torch.no_grad():
        for i, parameter in enumerate(solver.parameters()):
            parameter += 0.01 * torch.randn(
                parameter.shape, generator=torch.Generator().manual_seed(i)
            ).to(parameter)
    return solver


def headed(config):
    """A header of a solver with this configuration."""
    options = {key: value for key, value in config.items() if key != "name"}
    fields = {"kind": "solver", "name": config.get("name"), "variant": "", "options": options}
    return {"format": checkpoints.FORMAT, **fields}


# Round trips ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype, classes", [(torch.float32, 3), (torch.float64, None)])
@pytest.mark.parametrize("name, options, variant", EVERY)
def test_what_goes_in_comes_out(tmp_path, name, options, variant, classes, dtype, monkeypatch):
    x, B = problem(dtype)
    solver = stirred(solvers.build(name, B, 4, classes=classes, **options))
    notes = {"F": 1.25, "loss": "recovery" if variant in ("selection", "gated") else "sc2net"}
    path = checkpoints.save(solver, tmp_path / "deep" / "x.safetensors", notes)
    monkeypatch.setattr(
        checkpoints, "atomic", None
    )  # what is uploaded is never written to the disk
    for loaded in (checkpoints.load(path), checkpoints.load_bytes(path.read_bytes())):
        assert (
            type(loaded) is type(solver) and loaded.config == solver.config and not loaded.training
        )
        assert loaded.variant == variant and loaded.traits == solver.traits
        assert loaded.state_dict().keys() == solver.state_dict().keys()
        assert all(
            torch.equal(value, loaded.state_dict()[key])
            for key, value in solver.state_dict().items()
        )
        lam = torch.linspace(0.05, 0.5, 5, dtype=dtype)
        assert torch.equal(loaded(x, lam), solver(x, lam)) and torch.equal(
            loaded.dictionary, solver.dictionary
        )
        if classes:
            assert torch.equal(loaded.classify(x, 0.1), solver.classify(x, 0.1))
        assert loaded.notes == checkpoints.notes(path) == notes
    assert path.read_bytes() == checkpoints.dump(solver, notes)
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["x.safetensors"]


@pytest.mark.parametrize("name", ["lista", "lfista", "slstm"])
def test_a_file_from_before_thresholds_followed_lambda_loads_as_if_v_were_0(tmp_path, name):
    x, B = problem()
    solver = stirred(solvers.build(name, B, 4))
    with torch.no_grad():
        solver.v.zero_()
    tensors = {key: value for key, value in solver.state_dict().items() if key != "v"}
    path = checkpoints.write(tmp_path / "old", tensors, headed(solver.config))
    loaded = checkpoints.load(path)
    lam = torch.linspace(0.05, 0.5, 5)
    assert torch.equal(loaded.v, torch.zeros(12)) and torch.equal(loaded(x, lam), solver(x, lam))


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    "name, options",
    [network[:2] for network in EVERY if network[0] in ("lista", "lfista", "slstm", "alista")],
)
def test_half_rounds_matrices_to_float16_and_nothing_else(tmp_path, name, options, keep):
    x, B = problem()
    solver = stirred(solvers.build(name, B, 4, **options))
    solver.weights.keep_dictionary_(keep)
    full_path = checkpoints.save(solver, tmp_path / "whole.safetensors")
    path = checkpoints.save(solver, tmp_path / "half.safetensors", {"by": "hand"}, half=True)
    loaded, exact = checkpoints.load(path), solver.state_dict()
    for key, value in loaded.state_dict().items():
        is_rounded = exact[key].ndim >= 2 and key != "weights.kept"
        assert torch.equal(value, exact[key].half().float() if is_rounded else exact[key])
    steps = [network.weights.matrices().step for network in (loaded, solver)]
    assert torch.equal(*steps) or "weights.tau" not in exact
    assert torch.allclose(loaded(x, 0.1), solver(x, 0.1), atol=2e-3)
    content = path.read_bytes()
    assert len(content) < 0.9 * full_path.stat().st_size
    checkpoints.main([str(path)])  # rounded once, rounded for good
    assert path.read_bytes() == content


def test_the_command_halves_solvers_and_leaves_the_rest(tmp_path, capsys):
    B, lista = problem()[1], solvers.build("lista", problem()[1], 4)
    dictionary = checkpoints.save_dictionary(B, tmp_path / "B.safetensors")
    solver = checkpoints.save(lista, tmp_path / "x.safetensors", {"F": 1.25})
    state = {"step": torch.ones(1)}
    resumable = checkpoints.save(lista, tmp_path / "y.safetensors", {}, state)
    contents_before = dictionary.read_bytes(), resumable.read_bytes()
    checkpoints.main([str(dictionary), str(solver)])
    assert capsys.readouterr().out == f"{solver}\n" and checkpoints.notes(solver) == {"F": 1.25}
    with pytest.raises(SystemExit):
        checkpoints.main([str(resumable)])
    assert "y.safetensors is to be resumed from" in capsys.readouterr().err
    assert contents_before == (dictionary.read_bytes(), resumable.read_bytes())


def test_a_matrix_beyond_float16_stays_float32(tmp_path):
    solver = solvers.build("lista", problem()[1], 4)
    with torch.no_grad():
        solver.weights.delta_e[0, 0] = 1e5
    loaded = checkpoints.load(checkpoints.save(solver, tmp_path / "x.safetensors", half=True))
    assert torch.equal(loaded.weights.delta_e, solver.weights.delta_e)


def test_dictionaries(tmp_path):
    B = problem()[1]
    path = checkpoints.save_dictionary(B, tmp_path / "B.safetensors", {"data": "noise"})
    assert torch.equal(checkpoints.load_dictionary(path), B) and checkpoints.notes(path) == {
        "data": "noise"
    }


def test_dictionaries_of_a_data_set_come_by_their_number_of_atoms(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "PRETRAINED", tmp_path)
    for name in ("digits-1000", "digits-256", "digits", "digits-features", "mnist-64", "mnist-5k"):
        checkpoints.save_dictionary(problem()[1], tmp_path / name / "dictionary.safetensors")
    (tmp_path / "digits-9").mkdir()
    assert checkpoints.dictionaries("digits") == ["digits", "digits-256", "digits-1000"]
    assert (
        checkpoints.dictionaries("mnist") == ["mnist-64"] and checkpoints.dictionaries("dig") == []
    )


def test_whatever_is_shipped_loads():
    names = checkpoints.available()
    for name in names:
        solver = checkpoints.load(name)
        assert torch.isfinite(solver(torch.rand(2, len(solver.dictionary)), 0.1)).all()
    for path in checkpoints.PRETRAINED.glob("*/dictionary.safetensors"):
        norms = checkpoints.load_dictionary(path.parent.name).norm(dim=0)
        assert norms.max() <= 1 + 1e-5


# Refused --------------------------------------------------------------------------------------------------------------


def a_solver(name="slstm", **options):
    solver = solvers.build(name, problem()[1], 4, **options)
    return (
        solver,
        dict(solver.state_dict()),
        headed(solver.config),
    )


def written(tmp_path, tensors, header):
    path = tmp_path / "x.safetensors"
    tensors = {key: value.contiguous() for key, value in tensors.items()}
    path.write_bytes(to_bytes(tensors, None if header is None else {"sc2viz": json.dumps(header)}))
    return path


def refused(path, message, load=checkpoints.load):
    with pytest.raises(ValueError, match=message):
        load(path)
    if load is checkpoints.load:
        with pytest.raises(ValueError, match=message):
            checkpoints.load_bytes(path.read_bytes())


SPOILED = {
    "a matrix too few": (lambda t, c: t.pop("W_is"), "Missing key.*W_is"),
    "a matrix too many": (lambda t, c: t.update(W_os=torch.zeros(2)), "Unexpected key.*W_os"),
    "a wrong shape": (lambda t, c: t.update(W_is=torch.zeros(3, 3)), "size mismatch for W_is"),
    "a head of another size": (lambda t, c: c.update(classes=10), "no softmax head for 10 classes"),
    "a head of other atoms": (
        lambda t, c: (c.update(classes=9), t.update(C=torch.zeros(9, 1))),
        "9 classes and 12 atoms",
    ),
    "more atoms than matrices": (
        lambda t, c: t.update({"weights.B": torch.zeros(1, 9000)}),
        r"no matrix \(9000, 9000\)",
    ),
    "an unknown solver": (lambda t, c: c.update(name="coder"), "'coder', which is not registered"),
    "an unknown option": (
        lambda t, c: c.update(output_gate=1),
        "slstm has no option 'output_gate'",
    ),
    "an unknown activation": (lambda t, c: c.update(activation="relu"), "activation must be"),
    "no name": (
        lambda t, c: c.pop("name"),
        "must say the name of its solver as text in its header, got None",
    ),
    "no steps": (
        lambda t, c: c.pop("steps"),
        "does not hold .*: steps must be 1 to 10,000, got None",
    ),
    "no step": (lambda t, c: c.update(steps=0), "steps must be 1 to 10,000, got 0"),
    "too many steps": (lambda t, c: c.update(steps=10_001), "steps must be 1 to 10,000, got 10001"),
    "a κ in words": (
        lambda t, c: c.update(kappa="a"),
        "does not hold .*: kappa must be a number, got 'a'",
    ),
    "a κ of NaN": (lambda t, c: c.update(kappa=float("nan")), "kappa must be ≥ 1"),
    "no dictionary": (lambda t, c: t.pop("weights.B"), "it has no dictionary"),
    "a dictionary that is no matrix": (
        lambda t, c: t.update({"weights.B": torch.zeros(96)}),
        "it has no dictionary",
    ),
    "NaN": (lambda t, c: t["W_ix"].fill_(float("nan")), "NaN or infinity in W_ix"),
    "integers": (
        lambda t, c: t.update(a=torch.zeros(12, dtype=torch.int64)),
        "float64, got torch.int64 in a",
    ),
}


@pytest.mark.parametrize("spoil, message", SPOILED.values(), ids=SPOILED)
def test_a_solver_that_is_not_what_it_says_is_refused(tmp_path, spoil, message):
    solver, tensors, _ = a_solver()
    config = dict(solver.config)
    spoil(tensors, config)
    refused(written(tmp_path, tensors, headed(config)), message)


NAMED = {  # what a header says that it should not → what is said of it, on loading, and in the list of a reader's files
    "variant": (
        "mine",
        "variant must be one of those of the solver \\(codes, .*double-tanh.*\\), got 'mine'",
    ),
    "name": (3, "must say the name of its solver as text in its header, got 3"),
    "options": ([], "must have names and values as options in its header, got \\[\\]"),
}


@pytest.mark.parametrize("field", NAMED)
def test_a_field_of_a_header_that_is_wrong_is_named_with_its_file(tmp_path, monkeypatch, field):
    value, message = NAMED[field]
    _, tensors, header = a_solver()
    header |= {"d_x": 8, "d_s": 12}
    assert checkpoints.load(written(tmp_path, tensors, header)).variant == ""
    path = written(tmp_path, tensors, {**header, field: value})
    refused(path, message)
    refused(path, f"^x.safetensors .*{message}", checkpoints.header)
    monkeypatch.setenv(checkpoints.NETWORKS, str(tmp_path))
    networks, (problem,) = checkpoints.own_networks()
    assert not networks and re.search(message, problem)


ODD = (
    None,
    True,
    -1,
    0,
    10**20,
    1e308,
    float("nan"),
    "",
    "x" * 5000,
    "1e400",
    "\x00",
    [],
    [1],
    {"a": 1},
)


def replaced(value, chance):
    """A JSON value in which one part, however deep, is another or is gone."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key, remainder = chance.choice(sorted(value)), dict(value)
        removed = remainder.pop(key)
        return remainder if chance.random() < 0.15 else remainder | {key: replaced(removed, chance)}
    return chance.choice(ODD)


@pytest.mark.parametrize("name", ["ista", "lfista", "slstm", "adaptive-ista"])
def test_a_header_with_another_part_is_refused_or_makes_sense(tmp_path, name):
    notes, chance, refused = {"lam": 0.1, "loss": "sc2net"}, random.Random(name), 0
    path = checkpoints.save(a_solver(name)[0], tmp_path / "whole", notes)
    tensors, header = checkpoints.read(path, "solver")
    for _ in range(100):
        try:
            solver = checkpoints.load(written(tmp_path, tensors, replaced(header, chance)))
        except ValueError:
            refused += 1
        else:
            assert torch.isfinite(solver(problem()[0], 0.1)).all()
    assert refused > 50


def test_a_list_of_files_needs_their_sizes(tmp_path):
    path = checkpoints.save(a_solver()[0], tmp_path / "x.safetensors")
    tensors, header = checkpoints.read(path, "solver")
    refused(
        written(tmp_path, tensors, {**header, "d_s": "12"}),
        r"x.safetensors must say d_x and d_s as whole numbers in its "
        r"header, got \(8, '12'\)",
        checkpoints.header,
    )


@pytest.mark.parametrize("name", [None, 3, b"digits/ista", ["digits/ista"]])
def test_a_file_is_a_name_or_a_path(name):
    ways = (checkpoints.load, checkpoints.header, checkpoints.notes, checkpoints.load_training)
    for call in (
        *ways,
        partial(checkpoints.save, a_solver()[0]),
        partial(checkpoints.save_dictionary, problem()[1]),
    ):
        with pytest.raises(ValueError, match=re.escape(f"must be a name or a path, got {name!r}")):
            call(name)


def wide(d_s):
    return {"weights.B": torch.zeros(1, d_s)}


HUNGRY = {
    "matrices": ({"name": "slstm"}, wide(8000)),
    "free matrices": (
        {"name": "lfista", "preset": "paper"},
        {"weights.encoder": torch.zeros(8000, 1)},
    ),
    "a head": ({"name": "ista", "classes": 200_000}, {**wide(8000), "C": torch.zeros(200_000, 1)}),
}


@pytest.mark.parametrize("config, tensors", HUNGRY.values(), ids=HUNGRY)
def test_a_header_gets_no_more_memory_than_its_file_has_tensors_for(
    tmp_path, config, tensors, monkeypatch
):
    monkeypatch.setattr(solvers, "build", lambda **_: pytest.fail("allocates"))
    refused(
        written(tmp_path, tensors, headed({"steps": 4, **config})),
        "does not hold what its header says: it has no",
    )


def test_a_refusal_names_the_file_and_no_folder(tmp_path):
    _, tensors, header = a_solver()
    tensors.pop("W_is")
    path = written(tmp_path, tensors, header)
    for load, source in ((checkpoints.load, path), (checkpoints.load_bytes, path.read_bytes())):
        with pytest.raises(ValueError, match="^(x.safetensors|the file) does not hold"):
            load(source)


@pytest.mark.parametrize("steps", [3, 10_000])
def test_momenta_of_another_number_of_steps_are_refused(tmp_path, steps):
    solver, tensors, _ = a_solver("lfista")
    refused(
        written(tmp_path, tensors, headed({**solver.config, "steps": steps})), "size mismatch for m"
    )


def test_another_kind_is_refused(tmp_path):
    B = problem()[1]
    solver = checkpoints.save(a_solver()[0], tmp_path / "solver.safetensors")
    dictionary = checkpoints.save_dictionary(B, tmp_path / "B.safetensors")
    refused(dictionary, "holds a dictionary, not a solver")
    refused(solver, "holds a solver, not a dictionary", checkpoints.load_dictionary)
    header = {"format": checkpoints.FORMAT, "kind": "dictionary"}
    for tensors in ({"A": B}, {"B": B[0]}, {"B": B, "C": B.clone()}, {"B": B[:, :0]}):
        refused(
            written(tmp_path, tensors, header),
            "does not hold a dictionary",
            checkpoints.load_dictionary,
        )
    refused(
        written(tmp_path, {"B": B * float("nan")}, header),
        "NaN or infinity in B",
        checkpoints.load_dictionary,
    )


@pytest.mark.parametrize(
    "header", [None, {}, [], "sc2viz-1", {"format": "sc2viz-99"}, {"format": "pt"}]
)
def test_the_safetensors_of_others_are_refused(tmp_path, header):
    refused(written(tmp_path, {"weight": torch.zeros(3)}, header), "was not written by sc2viz")


class Explosive:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_a_pickle_in_disguise_is_refused_unopened(tmp_path):
    path, mark = tmp_path / "x.safetensors", tmp_path / "mark"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path.write_bytes(pickle.dumps(Explosive(mark), protocol))
        refused(path, "not a readable .safetensors file")
    torch.save({"a": Explosive(mark)}, path)
    refused(path, "not a readable .safetensors file")
    assert not mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 10**9) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 70)
        + b'{"a":{"dtype":"F32","shape":[999999999999],"data_offsets":[0,3999999999996]}}'[:70],
        struct.pack("<Q", 77)
        + b'{"a":{"dtype":"F32","shape":[999999999999],"data_offsets":[0,3999999999996]}}',
    ],
)
def test_a_header_that_claims_too_much_is_refused(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    refused(path, "not a readable .safetensors file")


def test_notes_nested_without_end_are_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(to_bytes({"a": torch.zeros(1)}, {"sc2viz": "[" * 200_000}))
    refused(path, "not a readable .safetensors file")


def test_a_missing_one_is_named(tmp_path):
    with pytest.raises(ValueError, match="no checkpoint mnist/nobody: give a path, or one of"):
        checkpoints.load("mnist/nobody")
    with pytest.raises(ValueError, match="no checkpoint"):
        checkpoints.load(tmp_path)


# Atomic ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "notes", [[1], "text", {"lam": [0.1]}, {"horizon": "many"}, {"loss": 3}, {"lam": True}]
)
def test_notes_of_another_kind_are_refused(tmp_path, notes):
    solver = solvers.build("lista", torch.eye(10, 12), 2)
    header = checkpoints._make_header(solver, {}) | {"notes": notes}
    checkpoints.write(tmp_path / "x.safetensors", solver.state_dict(), header)
    for read in (checkpoints.load, checkpoints.header):
        with pytest.raises(ValueError, match="x.safetensors must have .* in its header"):
            read(tmp_path / "x.safetensors")


def test_weights_with_which_codes_run_away_are_refused(tmp_path):
    solver = solvers.build("lista", torch.eye(10, 12), 10)
    with torch.no_grad():
        for name, value in solver.named_parameters():
            if value.ndim == 2 and name != "weights.B":
                value.fill_(1e25)
    with pytest.raises(ValueError, match="codes are not finite"):
        checkpoints.load(checkpoints.save(solver, tmp_path / "x.safetensors"))
