"""What public functions refuse: a ValueError that names the thing, the value and, after it, the remedy."""

import numpy as np
import pytest
import torch

from sc2viz import arguments, checkpoints, data, dictionary, lasso, photographs, solvers, training

X, B = torch.rand(4, 16), lasso.normalised(torch.rand(16, 9))
IMAGES = data.Images("four", X, None, None)
CODES, HOLES, PICTURE = torch.zeros(4, 9), np.zeros((12, 12), bool), np.full((12, 12), 0.5)
HOLES[3:5, 3:5] = True
ARRAY = "must be a torch tensor, got ndarray: pass torch.from_numpy"
HALF = "must be float32 or float64, got torch.float16: widen it with"
WHOLE = "must be of floating point, got torch.int64: divide"


def lists(tensor):
    return tensor.tolist()


LASSO = {
    "solve": lambda x=X, B=B, **how: lasso.solve(x, B, **{"lam": 0.1} | how),
    "path": lambda x=X, B=B, lam=0.1: lasso.path(x, B, lam),
    "objective": lambda x=X, codes=CODES, B=B, lam=0.1: lasso.objective(x, codes, B, lam),
    "honest_objective": lambda x=X, codes=CODES, B=B, lam=0.1: lasso.honest_objective(x, codes, B, lam),
    "duality_gap": lambda x=X, codes=CODES, B=B, lam=0.1: lasso.duality_gap(x, codes, B, lam),
    "lambda_max": lambda x=X, B=B: lasso.lambda_max(x, B),
    "lipschitz": lambda B=B: lasso.lipschitz(B),
    "normalised": lambda B=B: lasso.normalised(B),
    "build": lambda B=B, **how: solvers.build(**{"name": "slstm", "B": B} | how),
    "code": lambda x=X, lam=0.1, **how: solvers.build("ista", B)(x, lam, **how),
    "fit": lambda solver=None, images=IMAGES, **how: training.fit(solver or solvers.build("ista", B), images, **how),
    "save": lambda notes=None: checkpoints.dump(solvers.build("ista", B), notes),
    "learn": lambda x=X, n_atoms=2, **how: dictionary.learn(x, n_atoms, **{"max_epochs": 1} | how),
}
BUILT = "solver must come from solvers.build or checkpoints.load, which note its options, got"
CORE = [
    ("fit", {"solver": "lista"}, f"{BUILT} lista"),
    ("fit", {"solver": solvers.ISTA(B)}, f"{BUILT} ISTA"),
    ("fit", {"images": X}, "images must be those of data.load, or a data.Images, got Tensor"),
    ("fit", {"seed": "a"}, "seed must be a whole number, got str"),
    ("fit", {"settings": {}}, "settings must be a training.Settings, got dict"),
    ("fit", {"validation": X}, "validation must be those of data.load, or a data.Images, got Tensor"),
    ("fit", {"resume": "run"}, r"resume must be the state\(\) of an event, got str"),
    ("save", {"notes": "of a run"}, "notes must be a dict of names and values, got 'of a run'"),
    ("build", {"name": ["ista"]}, r"solver must be one of ista, .*, got \['ista'\]"),
    ("build", {"name": "adaptive-ista", "input_gate": "open"}, "input_gate must be a finite number, .* got open"),
    ("build", {"name": "adaptive-ista", "forget_gate": None}, "forget_gate must be a finite number, .* got None"),
    ("code", {"mask": [[True]]}, "mask must be a torch tensor, got list"),
    ("learn", {"seed": "a"}, "seed must be a whole number, got 'a'"),
    ("solve", {"x": X.numpy()}, f"x {ARRAY}"),
    ("solve", {"x": lists(X)}, r"x must be a torch tensor, got list: pass torch\.tensor\(x\)"),
    ("solve", {"B": B.numpy()}, f"B {ARRAY}"),
    ("solve", {"B": B.half()}, f"B {HALF}"),
    ("solve", {"B": B.bool()}, "B must be of floating point, got torch.bool"),
    ("solve", {"x": None}, "x must be a torch tensor, got NoneType"),
    ("solve", {"lam": "much"}, "lam must be one number or one for each of the 4 samples, got 'much'"),
    ("solve", {"lam": None}, "lam must be one number .* got None"),
    ("solve", {"lam": 1j}, "lam must be one number .* got 1j"),
    ("solve", {"tol": "1e-4"}, "tol must be > 0, got '1e-4'"),
    ("solve", {"tol": None}, "tol must be > 0, got None"),
    ("solve", {"max_iterations": 2.5}, r"max_iterations must be ≥ 0, got 2\.5: pass a whole number"),
    ("solve", {"max_iterations": None}, "max_iterations must be ≥ 0, got None"),
    ("solve", {"start": CODES.numpy()}, f"start {ARRAY}"),
    ("solve", {"mask": np.ones((4, 16), bool)}, f"mask {ARRAY}"),
    ("path", {"x": X.numpy()}, f"x {ARRAY}"),
    ("path", {"lam": "little"}, "lam must be one number"),
    ("objective", {"x": X.numpy()}, f"x {ARRAY}"),
    ("objective", {"codes": CODES.numpy()}, f"codes {ARRAY}"),
    ("honest_objective", {"B": B.numpy()}, f"B {ARRAY}"),
    ("duality_gap", {"B": lists(B)}, "B must be a torch tensor, got list"),
    ("duality_gap", {"codes": CODES.int()}, "must agree in shape and be float32 or float64"),
    ("lambda_max", {"x": X.numpy()}, f"x {ARRAY}"),
    ("lambda_max", {"x": X[:, :5]}, "x has 5 columns and the atoms of B have 16 entries"),
    ("lambda_max", {"x": X.half()}, f"x {HALF}"),
    ("lambda_max", {"B": B.long()}, f"B {WHOLE}"),
    ("lambda_max", {"x": X / 0}, "x must be finite"),
    ("lipschitz", {"B": B.numpy()}, f"B {ARRAY}"),
    ("lipschitz", {"B": B.half()}, f"B {HALF}"),
    ("lipschitz", {"B": B.bool()}, "B must be of floating point, got torch.bool"),
    ("lipschitz", {"B": B[0]}, r"B must be a finite matrix \(d_x, d_s\), got \(9,\)"),
    ("lipschitz", {"B": B[:, :0]}, r"B must be a finite matrix \(d_x, d_s\), got \(16, 0\)"),
    ("lipschitz", {"B": B / 0}, r"B must be a finite matrix \(d_x, d_s\), got NaN or infinity"),
    ("normalised", {"B": B.numpy()}, f"B {ARRAY}"),
    ("build", {"B": B.numpy()}, f"B {ARRAY}"),
    ("build", {"B": B.half()}, f"B {HALF}"),
    ("build", {"B": B.long()}, f"B {WHOLE}"),
    ("build", {"B": B.bool()}, "B must be of floating point, got torch.bool"),
    ("build", {"classes": 10**12}, "classes must be a whole number from 1 to 65,536, .* got 1000000000000"),
    ("build", {"classes": 2.5}, "classes must be a whole number"),
    ("build", {"classes": "ten"}, "classes must be a whole number .* got 'ten'"),
    ("build", {"seed": "a"}, "seed must be a whole number, got 'a'"),
    ("build", {"steps": None}, "steps must be a whole number, got None"),
    ("code", {"x": X.numpy()}, f"x {ARRAY}"),
    ("code", {"x": lists(X)}, "x must be a torch tensor, got list"),
    ("code", {"steps": 2.5}, r"steps must be ≥ 0, got 2\.5: pass a whole number"),
    ("code", {"lam": "much"}, "lam must be one number"),
    ("learn", {"x": X.numpy()}, f"x {ARRAY}"),
    ("learn", {"x": X.half()}, f"x {HALF}"),
    ("learn", {"n_atoms": 2.5}, r"n_atoms, max_epochs and batch_size must be ≥ 1, got 2\.5, 1, 250: pass whole numbers"),
    ("learn", {"n_atoms": None}, "n_atoms, max_epochs and batch_size must be ≥ 1, got None"),
    ("learn", {"lam": "much"}, "lam must be > 0 and finite, got 'much'"),
    ("learn", {"lam": -1}, "lam must be > 0 and finite, got -1"),
]


@pytest.mark.parametrize("what, bad, message", CORE)
def test_the_core_names_what_it_refuses(what, bad, message):
    LASSO[what]()  # all else is right
    with pytest.raises(ValueError, match=message):
        LASSO[what](**bad)


RIGHT = {"picture": PICTURE, "solver": "ista", "dictionary": B}
PHOTOGRAPHS = {
    "denoise": lambda **how: photographs.denoise(**RIGHT | {"sigma": 0.1} | how),
    "inpaint": lambda **how: photographs.inpaint(**RIGHT | {"missing": HOLES, "rounds": 1} | how),
    "approximate": lambda **how: photographs.approximate(**RIGHT | {"lam": 0.1} | how),
}
EVERYWHERE = [
    ({"picture": PICTURE[0]}, r"picture must be \(h, w\) or \(h, w, 3\) with at least one pixel, got \(12,\)"),
    ({"picture": PICTURE.tolist()}, r"picture must be a NumPy array or a tensor, got list: pass np\.array\(picture\)"),
    ({"picture": None}, "picture must be a NumPy array or a tensor, got NoneType"),
    ({"picture": PICTURE.astype(str)}, "picture must be of floats, got <U"),
    ({"picture": PICTURE.astype(complex)}, "picture must be of floats .* got torch.complex128"),
    ({"picture": PICTURE * 1e30}, r"picture must be on the scale of \[0, 1\], got values up to 5e\+29: divide it"),
    ({"picture": PICTURE * 1e300}, r"picture must be on the scale of \[0, 1\], got values up to 5e\+299"),
    ({"stride": 1.5}, r"stride must be a whole number ≥ 1, got 1\.5"),
    ({"stride": "2"}, "stride must be a whole number ≥ 1, got '2'"),
    ({"stride": True}, "stride must be a whole number ≥ 1, got True"),
    ({"dictionary": 5}, r"dictionary must be a name, an array or tensor \(d_x, d_s\), or None, got int"),
    ({"dictionary": B.numpy().astype(complex)}, "dictionary must be of real numbers, got complex128"),
    ({"dictionary": B.numpy().astype(str)}, "dictionary must be of real numbers, got <U"),
    ({"dictionary": torch.full((16, 4), torch.inf)}, r"dictionary must be a finite matrix \(d_x, d_s\)"),
    ({"solver": None}, "solver must be a name, a path or a built solver, got NoneType"),
]
EACH = [
    ("denoise", {"sigma": "0.1"}, "sigma must be > 0 and finite, got '0.1'"),
    ("denoise", {"sigma": 1e30}, r"sigma must be from 1e-06 to 1e\+06 on the scale of \[0, 1\], got 1e\+30"),
    ("denoise", {"lam": "0.1"}, "lam must be > 0 and finite, got '0.1'"),
    ("denoise", {"steps": 2.5}, r"steps must be a whole number ≥ 1, got 2\.5"),
    ("denoise", {"steps": 0}, "steps must be a whole number ≥ 1, got 0"),
    ("inpaint", {"picture": PICTURE[0], "missing": HOLES[0]}, r"picture must be \(h, w\) or \(h, w, 3\)"),
    ("inpaint", {"missing": None}, r"missing must be bool \(12, 12\) like the picture, got NoneType"),
    ("inpaint", {"missing": HOLES.tolist()}, "missing must be bool .* got list"),
    ("inpaint", {"missing": HOLES.astype(str)}, "missing must be bool .* got <U5"),
    ("inpaint", {"lam": None}, "lam must be > 0 and finite, got None"),
    ("inpaint", {"lam": "0.1"}, "lam must be > 0 and finite, got '0.1'"),
    ("inpaint", {"rounds": 0}, "rounds must be a whole number ≥ 1, got 0"),
    ("inpaint", {"rounds": 1.5}, r"rounds must be a whole number ≥ 1, got 1\.5"),
    ("inpaint", {"steps": 2.5}, r"steps must be a whole number ≥ 1, got 2\.5"),
    ("approximate", {"lam": "0.1"}, "lam must be > 0 and finite, got '0.1'"),
    ("approximate", {"lam": None, "non_zeros": "1"}, "non_zeros must be a number, got '1'"),
]
EACH += [(what, *bad) for what in PHOTOGRAPHS for bad in EVERYWHERE]


@pytest.mark.parametrize("what, bad, message", EACH)
def test_photographs_name_what_they_refuse(what, bad, message):
    with pytest.raises(ValueError, match=message):
        PHOTOGRAPHS[what](**bad)


@pytest.mark.parametrize("what", PHOTOGRAPHS)
def test_photographs_take_arrays_and_tensors(what):
    """The answer is of the kind that went in, and has the same values; the dictionary may be either as well."""
    array = PHOTOGRAPHS[what](picture=PICTURE, dictionary=B.numpy()).picture
    tensor = PHOTOGRAPHS[what](picture=torch.from_numpy(PICTURE), dictionary=B).picture
    assert isinstance(array, np.ndarray) and isinstance(tensor, torch.Tensor)
    np.testing.assert_array_equal(array, tensor.numpy())


def test_a_solver_whose_options_nobody_noted_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match=f"{BUILT} ISTA"):
        checkpoints.save(solvers.ISTA(B), tmp_path / "never.safetensors")
    assert not any(tmp_path.iterdir())


def test_a_dictionary_that_is_no_tensor_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match=f"B {ARRAY}"):
        checkpoints.save_dictionary(B.numpy(), tmp_path / "never.safetensors")
    assert not any(tmp_path.iterdir())


def test_numbers_of_numpy_and_torch_are_numbers():
    for number in (np.float32(0.1), np.int64(2), torch.tensor(0.5)):
        arguments.positive("lam", number)
    arguments.whole("stride", np.int64(2))
    for number in (True, "1", None, torch.ones(2), float("nan"), float("inf"), 0):
        with pytest.raises(ValueError, match="lam must be > 0 and finite, got"):
            arguments.positive("lam", number)
