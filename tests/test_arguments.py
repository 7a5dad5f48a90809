"""What public functions refuse: a ValueError that names the thing, the value and, after it, the remedy."""

import inspect
import re

import numpy as np
import pytest
import torch
from torch import Tensor

import sc2viz
from sc2viz import (
    arguments,
    checkpoints,
    data,
    dictionary,
    evaluation,
    lasso,
    photographs,
    solvers,
    training,
)

X, B = torch.rand(4, 16), lasso.normalised(torch.rand(16, 9))
IMAGES = data.Images("four", X, None, None)
CODES, HOLES, PICTURE = torch.zeros(4, 9), np.zeros((12, 12), bool), np.full((12, 12), 0.5)
HOLES[3:5, 3:5] = True
HALF = "must be float32 or float64, got torch.float16: widen it with"
WHOLE = "must be of floating point, got torch.int64: divide"


RIGHT = {
    "x": X,
    "B": B,
    "codes": CODES,
    "lam": 0.1,
    "optimum": X[:, 0],
    "solver": solvers.build("ista", B),
    "images": IMAGES,
    "name": "slstm",
    "reconstruction": X,
    "truth": CODES + 1,
    "objective": X[:, 1],
}
CALLS = [
    *(lasso.solve, lasso.objective, lasso.honest_objective, lasso.duality_gap, lasso.lambda_max),
    *(lasso.lipschitz, lasso.normalised, solvers.build, training.fit, checkpoints.dump),
    *(evaluation.objective_along, evaluation.relative_gap, evaluation.reconstruction_loss),
    *(evaluation.excess, evaluation.psnr, evaluation.contrast, evaluation.nonzero_share),
    *(evaluation.nmse, evaluation.support, evaluation.encode, sc2viz.live),
]
CALLS = {call.__name__: call for call in CALLS} | {
    "path": lambda x, B, lam: lasso.path(x, B, lam),
    "rank": lambda x, codes, B, lam, optimum: evaluation.rank(x, codes, B, lam, optimum),
    "distances": lambda x, codes, B, lam, optimum: evaluation.distances(x, codes, B, lam, optimum),
    "code": lambda x, lam, steps=None, mask=None: RIGHT["solver"](x, lam, steps, mask),
    "learn": lambda x, n_atoms=2, **how: dictionary.learn(x, n_atoms, **{"max_epochs": 1} | how),
}


def needed(function_name: str) -> list[str]:
    """What a function cannot do without."""
    parameters = inspect.signature(CALLS[function_name]).parameters
    return [
        name
        for name in parameters
        if name in RIGHT and parameters[name].default is parameters[name].empty
    ]


def call(function_name: str, **bad):
    """A function with right arguments, and `bad` ones among them."""
    return CALLS[function_name](**{name: RIGHT[name] for name in needed(function_name)} | bad)


BUILT = "solver must come from solvers.build or checkpoints.load, which note its options, got"
CORE = [
    ("fit", {"solver": "lista"}, f"{BUILT} lista"),
    ("fit", {"solver": solvers.ISTA(B)}, f"{BUILT} ISTA"),
    ("fit", {"images": X}, "images must be those of data.load, or a data.Images, got Tensor"),
    ("fit", {"seed": "a"}, "seed must be a whole number, got 'a'"),
    ("fit", {"settings": {}}, "settings must be a training.Settings, got dict"),
    (
        "fit",
        {"validation": X},
        "validation must be those of data.load, or a data.Images, got Tensor",
    ),
    ("fit", {"resume": "run"}, r"resume must be the state\(\) of an event, got str"),
    ("dump", {"notes": "of a run"}, "notes must be a dict of names and values, got 'of a run'"),
    ("build", {"name": ["ista"]}, r"solver must be one of ista, .*, got \['ista'\]"),
    (
        "build",
        {"name": "adaptive-ista", "input_gate": "open"},
        "input_gate must be a finite number, .* got open",
    ),
    (
        "build",
        {"name": "adaptive-ista", "forget_gate": None},
        "forget_gate must be a finite number, .* got None",
    ),
    ("code", {"mask": [[True]]}, "mask must be a torch tensor, got list"),
    ("solve", {"B": B.half()}, f"B {HALF}"),
    (
        "solve",
        {"lam": "much"},
        "lam must be one number or one for each of the 4 samples, got 'much'",
    ),
    ("duality_gap", {"codes": CODES.int()}, "codes must be of floating point, got torch.int32"),
    ("lipschitz", {"B": B[0]}, r"B must be a finite matrix \(d_x, d_s\), got \(9,\)"),
    ("lipschitz", {"B": B[:, :0]}, r"B must be a finite matrix \(d_x, d_s\), got \(16, 0\)"),
    ("lipschitz", {"B": B / 0}, r"B must be a finite matrix \(d_x, d_s\), got NaN or infinity"),
    (
        "build",
        {"classes": 10**12},
        "classes must be a whole number from 1 to 65,536, got 1000000000000",
    ),
    ("code", {"steps": 2.5}, r"steps must be a whole number ≥ 0, got 2\.5"),
    ("solve", {"positive": "yes"}, "positive must be True or False, got 'yes'"),
    ("solve", {"start": CODES.long()}, "start must be of floating point, got torch.int64"),
    ("normalised", {"B": torch.ones(16, 9, dtype=torch.int64)}, f"B {WHOLE}"),
    (
        "objective",
        {"B": B[:9]},
        r"B \(d_x, d_s\) must agree in shape, got \(4, 16\), \(4, 9\), \(9, 9\)",
    ),
    *(
        ("build", {name: True}, f"{name} must be a whole number.* got True")
        for name in ("seed", "steps", "classes")
    ),
    (
        "build",
        {"seed": 2**63},
        "seed must be a whole number, got 9223372036854775808: take one from 0 to",
    ),
    ("build", {"gate_bias": float("nan")}, "gate_bias must be finite, got nan: leave it out"),
    ("learn", {"lam": "much"}, "lam must be > 0 and finite, got 'much'"),
]


@pytest.mark.parametrize("name, bad, message", CORE)
def test_the_core_names_what_it_refuses(name, bad, message):
    call(name)  # all else is right
    with pytest.raises(ValueError, match=message):
        call(name, **bad)


TENSORS = {name: RIGHT[name] for name in ("x", "B", "codes", "optimum")}
TENSORS |= {"start": CODES, "mask": X > 0.5}
TAKEN = [(what, name) for what in CALLS for name in needed(what) if name in TENSORS]
TAKEN += [("solve", "start"), ("solve", "mask")]
ODD = {
    "sparse": (
        Tensor.to_sparse,
        "must be a dense tensor that holds its numbers, got torch.sparse_coo",
    ),
    "in rows": (Tensor.to_sparse_csr, "must be a dense tensor .*, got torch.sparse_csr"),
    "nested": (
        lambda value: torch.nested.nested_tensor(list(value)),
        "must be a dense tensor .*, got a nested one",
    ),
    "meta": (lambda value: value.to("meta"), "must be a dense tensor .*, got a meta one"),
    "an array": (Tensor.numpy, "must be a torch tensor, got ndarray: pass torch.from_numpy"),
    "a list": (Tensor.tolist, r"must be a torch tensor, got list: pass torch\.tensor"),
    "complex": (lambda value: value.to(torch.complex64), "must .*, got .*complex64"),
    "a number": (Tensor.sum, r"must .*, got .*\(\)"),
}
APART = {
    ("in rows", "optimum"),
    ("nested", "optimum"),
    ("a number", "start"),
    ("a number", "mask"),
}  # of 1 dimension


@pytest.mark.filterwarnings(
    "ignore:Sparse CSR:UserWarning", "ignore:The PyTorch API of nested:UserWarning"
)
@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("function_name, name", TAKEN)
def test_no_tensor_of_another_kind_gets_by(function_name, name, kind):
    change, message = ODD[kind]
    if (kind, name) not in APART:
        with pytest.raises(ValueError, match=message) as raised:
            call(function_name, **{name: change(TENSORS[name])})
        assert re.search(rf"\b{name}\b", str(raised.value))


@pytest.mark.parametrize(
    "lam",
    [
        1j,
        torch.tensor(0.1 + 1j),
        np.array(1j),
        10**400,
        torch.tensor([0.1] * 4).to_sparse(),
        torch.tensor(0.1, device="meta"),
        float("inf"),
        -0.1,
        "0.1",
        None,
    ],
)
@pytest.mark.parametrize("name", ["solve", "path", "objective", "code", "rank", "distances"])
def test_a_price_that_is_no_number_is_named(name, lam):
    with pytest.raises(ValueError, match="lam must"):
        call(name, lam=lam)


def test_a_price_for_each_sample_ranks_as_each_alone():
    lam = torch.tensor([0.1, 0.2, 0.3, 0.4])
    codes = torch.rand(4, 9)
    distances = evaluation.distances(X, codes, B, lam, X[:, 0])
    for k in range(4):
        alone = evaluation.distances(
            X[k : k + 1], codes[k : k + 1], B, lam[k].item(), X[k : k + 1, 0]
        )
        torch.testing.assert_close(distances[k : k + 1], alone, rtol=1e-6, atol=0)


GIVEN = {"picture": PICTURE, "solver": "ista", "dictionary": B}
PHOTOGRAPHS = {
    "denoise": lambda **how: photographs.denoise(**GIVEN | {"sigma": 0.1} | how),
    "inpaint": lambda **how: photographs.inpaint(**GIVEN | {"missing": HOLES, "rounds": 1} | how),
    "approximate": lambda **how: photographs.approximate(**GIVEN | {"lam": 0.1} | how),
}
EVERYWHERE = [
    (
        {"picture": PICTURE[0]},
        r"picture must be \(h, w\) or \(h, w, 3\) with at least one pixel, got \(12,\)",
    ),
    (
        {"picture": PICTURE.tolist()},
        r"picture must be a NumPy array or a tensor, got list: pass np\.array\(picture\)",
    ),
    ({"picture": None}, "picture must be a NumPy array or a tensor, got NoneType"),
    ({"picture": PICTURE.astype(str)}, "picture must be of floats .* got <U"),
    ({"picture": PICTURE.astype(complex)}, "picture must be of floats .* got complex128"),
    (
        {"picture": PICTURE * 1e30},
        r"picture must be on the scale of \[0, 1\], got values up to 5e\+29: divide it",
    ),
    ({"stride": 1.5}, r"stride must be a whole number ≥ 1, got 1\.5"),
    (
        {"dictionary": 5},
        r"dictionary must be a name, an array or tensor \(d_x, d_s\), or None, got int",
    ),
    (
        {"dictionary": B.numpy().astype(complex)},
        "dictionary must be of real numbers, got complex128",
    ),
    ({"dictionary": B.numpy().astype(str)}, "dictionary must be of real numbers, got <U"),
    (
        {"dictionary": torch.full((16, 4), torch.inf)},
        r"dictionary must be a finite matrix \(d_x, d_s\)",
    ),
    ({"solver": None}, "solver must be a name, a path or a built solver, got NoneType"),
]
EACH = [
    ("denoise", {"sigma": "0.1"}, "sigma must be > 0 and finite, got '0.1'"),
    (
        "denoise",
        {"sigma": 1e30},
        r"sigma must be from 1e-06 to 1e\+06 on the scale of \[0, 1\], got 1e\+30",
    ),
    ("denoise", {"lam": "0.1"}, "lam must be > 0 and finite, got '0.1'"),
    ("denoise", {"steps": 2.5}, r"steps must be a whole number ≥ 1, got 2\.5"),
    (
        "inpaint",
        {"picture": PICTURE[0], "missing": HOLES[0]},
        r"picture must be \(h, w\) or \(h, w, 3\)",
    ),
    (
        "inpaint",
        {"missing": None},
        r"missing must be bool \(12, 12\) like the picture, got NoneType",
    ),
    ("inpaint", {"missing": HOLES.tolist()}, "missing must be bool .* got list"),
    ("inpaint", {"lam": None}, "lam must be > 0 and finite, got None"),
    ("inpaint", {"rounds": 0}, "rounds must be a whole number ≥ 1, got 0"),
    ("inpaint", {"steps": 2.5}, r"steps must be a whole number ≥ 1, got 2\.5"),
    ("approximate", {"lam": "0.1"}, "lam must be > 0 and finite, got '0.1'"),
    ("approximate", {"lam": None, "non_zeros": "1"}, "non_zeros must be a number, got '1'"),
]
EACH += [(what, *bad) for what in PHOTOGRAPHS for bad in EVERYWHERE]


@pytest.mark.parametrize("name, bad, message", EACH)
def test_photographs_name_what_they_refuse(name, bad, message):
    with pytest.raises(ValueError, match=message):
        PHOTOGRAPHS[name](**bad)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_take_arrays_and_tensors(name):
    """The answer is of the kind that went in, and has the same values; the dictionary may be either as well."""
    array = PHOTOGRAPHS[name](picture=PICTURE, dictionary=B.numpy()).picture
    tensor = PHOTOGRAPHS[name](picture=torch.from_numpy(PICTURE), dictionary=B).picture
    assert isinstance(array, np.ndarray) and isinstance(tensor, torch.Tensor)
    np.testing.assert_array_equal(array, tensor.numpy())


def test_a_solver_whose_options_nobody_noted_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match=f"{BUILT} ISTA"):
        checkpoints.save(solvers.ISTA(B), tmp_path / "never.safetensors")
    assert not any(tmp_path.iterdir())


def test_a_dictionary_that_is_no_tensor_is_not_saved(tmp_path):
    with pytest.raises(
        ValueError, match="B must be a torch tensor, got ndarray: pass torch.from_numpy"
    ):
        checkpoints.save_dictionary(B.numpy(), tmp_path / "never.safetensors")
    assert not any(tmp_path.iterdir())


def test_numbers_of_numpy_and_torch_are_numbers():
    for number in (np.float32(0.1), np.int64(2), torch.tensor(0.5)):
        arguments.positive("lam", number)
    arguments.whole_number("stride", np.int64(2))
    for number in (True, "1", None, torch.ones(2), float("nan"), float("inf"), 0):
        with pytest.raises(ValueError, match="lam must be > 0 and finite, got"):
            arguments.positive("lam", number)
