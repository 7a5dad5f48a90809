"""Photographs on small pictures: what goes in and comes out, against arithmetic of the tests' own."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from skimage.data import camera
from skimage.restoration import inpaint_biharmonic

from sc2viz import checkpoints, data, defaults, lasso, patches, photographs, solvers
from sc2viz.photographs import assembling, channels, coding
from sc2viz.training import losses

SIGMA = 25 / 255


def smooth(high=24, wide=30, channels=None, seed=0):
    """A smooth picture in [0, 1] with an edge."""
    rng = np.random.default_rng(seed)
    shape = (high, wide) if channels is None else (high, wide, channels)
    picture = gaussian_filter(rng.random(shape), (3, 3) if channels is None else (3, 3, 0))
    picture = 0.3 + 2 * (picture - picture.mean())
    picture[:, wide // 2 :] += 0.4
    return picture


def noisy(picture, sigma=SIGMA, seed=0):
    return picture + sigma * np.random.default_rng(seed).standard_normal(picture.shape)


def psnr(a, b):
    return -10 * np.log10(np.mean((a - b) ** 2))


@pytest.fixture(scope="module")
def B():
    """A dictionary for 4×4 patches: an orthonormal basis and a rotated one."""
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.linalg.qr(torch.randn(16, 16, generator=generator))[0] for _ in range(2))
    return torch.cat((first, second), 1)


# Patches --------------------------------------------------------------------------------------------------------------


@given(
    high=st.integers(4, 12),
    wide=st.integers(4, 12),
    channels=st.sampled_from([1, 3]),
    size=st.integers(1, 4),
    stride=st.integers(1, 3),
)
@settings(max_examples=40)
def test_patches_are_those_of_a_loop_and_adding_up_is_the_transpose(
    high, wide, channels, size, stride
):
    picture = torch.randn(
        2, channels, high, wide, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    rows = patches.cut(picture, size, stride)
    expected = [
        picture[n, :, y : y + size, x : x + size].permute(1, 2, 0).flatten()
        for n in range(2)
        for y in range(0, high - size + 1, stride)
        for x in range(0, wide - size + 1, stride)
    ]
    assert torch.equal(rows, torch.stack(expected))
    weights = torch.randn(
        rows.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    summed = patches.add_up(weights, picture.shape, size, stride)
    torch.testing.assert_close((summed * picture).sum(), (weights * rows).sum())


def test_the_layout_of_a_patch_is_that_of_images():
    images = data.load("patches", "test")
    picture = images.pixels[0].reshape(images.shape)
    assert torch.equal(patches.to_pictures(images.pixels[:1])[0], picture.permute(2, 0, 1))
    assert patches.layout(images.pixels.shape[1]) == (16, 3) and patches.layout(64) == (8, 1)
    with pytest.raises(
        ValueError, match="a patch must be square, with 1 or 3 channels, got 50 values"
    ):
        patches.layout(50)


@given(
    high=st.integers(1, 40),
    wide=st.integers(1, 40),
    size=st.integers(1, 8),
    stride=st.integers(1, 8),
    limit=st.integers(1, 60),
)
@settings(max_examples=100)
def test_blocks_hold_every_patch_once_and_cover_every_pixel(high, wide, size, stride, limit):
    stride = min(stride, size)
    picture = assembling.padded(torch.rand(1, high, wide), size, stride)
    count = torch.zeros(picture.shape[1:])
    patch_count = 0
    sides = [(side - size) // stride + 1 for side in picture.shape[1:]]
    for block in assembling.blocks(*sides, limit):
        down, across = (
            slice(positions.start * stride, (positions.stop - 1) * stride + size)
            for positions in block
        )
        positions = count[down, across]
        rows = patches.cut(torch.ones(1, 1, *positions.shape), size, stride)
        assert len(rows) <= limit
        count[down, across] += patches.add_up(rows, (1, 1, *positions.shape), size, stride)[0, 0]
        patch_count += len(rows)
    assert patch_count == len(patches.cut(picture[None], size, stride)) and (count >= 1).all()
    if stride == 1 and high >= 2 * size and wide >= 2 * size:
        assert (count[size - 1 : 1 - size or None, size - 1 : 1 - size or None] == size**2).all()


# Denoising ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [None, 3])
@pytest.mark.parametrize("stride", [1, 3])
def test_the_answer_is_the_average_of_coded_patches(B, channels, stride, monkeypatch):
    monkeypatch.setattr(assembling, "BLOCK", 50)
    picture = noisy(smooth(11, 13, channels))
    answer = photographs.denoise(picture, SIGMA, "exact", B, stride, lam=0.1)
    padded = np.pad(
        picture,
        [(0, (4 - side) % stride) for side in (11, 13)] + [(0, 0)] * (picture.ndim - 2),
        "symmetric",
    )
    total, weight = np.zeros_like(padded), np.zeros_like(padded)
    for y in range(0, padded.shape[0] - 3, stride):
        for x in range(0, padded.shape[1] - 3, stride):
            for channel in range(channels or 1):
                place = (
                    slice(y, y + 4),
                    slice(x, x + 4),
                    *(() if channels is None else (channel,)),
                )
                patch = torch.from_numpy(padded[place].reshape(1, 16))
                mean = patch.mean()
                code = lasso.solve(patch - mean, B.double(), 0.1, tol=1e-2).codes
                total[place] += (code @ B.double().T + mean).numpy().reshape(4, 4)
                weight[place] += 1
    np.testing.assert_allclose(answer.picture, (total / weight)[:11, :13], atol=5e-3)
    assert (
        answer.patches == (weight.sum() / 16)
        and answer.sigma == SIGMA
        and answer.picture.dtype == picture.dtype
    )


def test_what_a_network_chose_for_its_patches_does_not_depend_on_the_blocks(B, monkeypatch):
    """Means of squares around patches are those of the picture, and the answer is what the loss in training looks at."""
    solver, generator = solvers.build("lista", B), torch.Generator().manual_seed(0)
    solver.averaging = patches.Averaging(16)
    with torch.no_grad():
        for parameter in solver.averaging.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    clean, sigma = smooth(20, 20), torch.tensor([SIGMA])
    noisy_picture = noisy(clean)
    answer = photographs.denoise(noisy_picture, SIGMA, solver, lam=0.2).picture
    monkeypatch.setattr(assembling, "BLOCK", 30)
    np.testing.assert_allclose(
        photographs.denoise(noisy_picture, SIGMA, solver, lam=0.2).picture, answer, atol=1e-5
    )
    x, noise = (
        torch.from_numpy(values).float().reshape(1, -1) for values in (clean, noisy_picture - clean)
    )
    loss = losses.denoising(solver, x, torch.tensor([0.2]), sigma, noise)
    assert loss.item() == pytest.approx(
        np.mean((answer - clean)[3:-3, 3:-3] ** 2) / SIGMA**2, rel=1e-3
    )


def untold(name):
    """Whether an untrained solver knows nothing of the noise: it takes no λ, and what it has or learns is for true codes.
    AMP's threshold follows its residual, but on atoms that are not independent it runs away."""
    traits = solvers.solver_class(name).traits
    return traits.aims_at == "code" and not traits.uses_lambda


@pytest.mark.parametrize("name", [*(name for name in solvers.NAMES if not untold(name)), "exact"])
def test_every_solver_removes_noise(name, B):
    clean = smooth()
    noisy_picture = noisy(clean)
    answer = photographs.denoise(noisy_picture, SIGMA, name, B)
    assert psnr(clean, answer.picture) > psnr(clean, noisy_picture) + 2
    assert answer.usage.shape == (32,) and answer.non_zeros == pytest.approx(
        answer.usage.sum().item(), rel=1e-5
    )


@pytest.mark.parametrize(
    "name",
    sorted(checkpoints.PRETRAINED.joinpath("photographs").glob("*.safetensors")),
    ids=lambda path: path.stem,
)
def test_what_ships_removes_noise(name):
    if name.stem.startswith("dictionary"):
        return
    channels = 3 if checkpoints.header(name).d_x % 3 == 0 else None
    clean = smooth(32, 40, channels)
    answer = photographs.denoise(noisy(clean), SIGMA, str(name))
    assert psnr(clean, answer.picture) > psnr(clean, noisy(clean)) + 5
    notes = checkpoints.notes(name)
    assert notes["loss"] == "denoising" and notes["lam_per_sigma"] > 0


@pytest.mark.parametrize("kind", [np.float32, np.float64, torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 9, 3), (20, 21)])
def test_the_answer_is_of_the_kind_that_went_in(kind, shape, B):
    values = np.random.default_rng(0).random(shape) * 3 - 1
    picture = (
        torch.from_numpy(values).to(kind) if isinstance(kind, torch.dtype) else values.astype(kind)
    )
    for answer in (
        photographs.denoise(picture, 0.1, "ista", B),
        photographs.approximate(picture, lam=0.1, dictionary=B),
    ):
        assert type(answer.picture) is type(picture) and answer.picture.shape == picture.shape
        assert answer.picture.dtype == kind
        assert np.isfinite(np.asarray(answer.picture)).all()


def test_a_network_is_given_noise_of_its_own_range(monkeypatch, B):
    """A picture of ten times the contrast and σ gives ten times the answer, because both are scaled back."""
    solver = solvers.build("lista", B)
    solver.notes = {"loss": "denoising", "lam_per_sigma": 2.0}
    high = 50 / 255
    picture = noisy(smooth(), high)
    answer = photographs.denoise(picture, high, solver).picture
    scaled_answer = photographs.denoise(10 * picture, 10 * high, solver).picture
    np.testing.assert_allclose(scaled_answer, 10 * answer, rtol=1e-4, atol=1e-4)


def test_sigma_is_estimated():
    clean = gaussian_filter(np.random.default_rng(0).random((200, 220)), 4)
    for sigma in (5 / 255, 25 / 255, 60 / 255):
        assert photographs.estimate_sigma(noisy(clean, sigma)) == pytest.approx(sigma, rel=0.03)
    estimate = photographs.estimate_sigma(noisy(clean))
    assert photographs.denoise(noisy(clean), None, "ista").sigma == estimate
    for shape in ((1, 1), (8, 8, 3)):
        assert photographs.estimate_sigma(np.full(shape, 0.5)) == pytest.approx(0.1 / 255)


def test_a_dictionary_can_be_learned_from_the_picture():
    rng = np.random.default_rng(0)
    clean = np.kron(rng.random((8, 8)) > 0.5, np.ones((5, 5)))
    answer = photographs.denoise(noisy(clean), SIGMA, "omp", "learned", 2)
    assert psnr(clean, answer.picture) > psnr(clean, noisy(clean)) + 3


def test_progress_rises_to_one_and_may_stop(B, monkeypatch):
    monkeypatch.setattr(assembling, "BLOCK", 60)
    shares = []
    photographs.denoise(noisy(smooth(20, 20, 3)), SIGMA, "ista", B, progress=shares.append)
    assert (
        shares == sorted(shares)
        and shares[-1] == pytest.approx(1)
        and len(shares) > 3
        and 0 < shares[0] < 1
    )
    questions = []

    def stop(done):
        questions.append(done)
        return len(questions) < 2

    with pytest.raises(photographs.Stopped):
        photographs.denoise(noisy(smooth()), SIGMA, "ista", B, progress=stop)
    assert len(questions) == 2


# Filling in -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"), [("exact", "masked"), ("fista", "masked"), ("lista", "imputation")]
)
def test_missing_pixels_are_filled_in_and_known_ones_stay(name, options, B):
    clean = smooth(channels=3)
    missing = np.random.default_rng(0).random(clean.shape[:2]) < 0.4
    broken = np.where(missing[..., None], np.nan, clean)
    answer = photographs.inpaint(broken, missing, name, B)
    np.testing.assert_allclose(answer.picture[~missing], clean[~missing], atol=1e-6)
    assert (
        psnr(clean[missing], answer.picture[missing])
        > psnr(clean[missing], clean[~missing].mean()) + 6
    )
    assert options in answer.way


def test_the_dictionary_that_ships_fills_in_better_than_biharmonic_interpolation():
    clean = camera()[150:246, 180:276] / 255
    missing = np.random.default_rng(0).random(clean.shape) < 0.5
    answer = photographs.inpaint(clean, missing).picture
    assert (
        psnr(clean, answer)
        > psnr(clean, inpaint_biharmonic(np.where(missing, 0, clean), missing)) + 0.3
    )


# Few codes ------------------------------------------------------------------------------------------------------------


def test_at_lambda_the_codes_are_the_exact_ones(B):
    picture = smooth(8, 8)
    answer = photographs.approximate(picture, lam=0.05, dictionary=B)
    rows = patches.cut(channels.planes(picture)[None], 4, 4)
    exact = lasso.solve(rows - rows.mean(1, keepdim=True), B, 0.05, tol=coding.EXACT_TOL).codes
    assert answer.non_zeros == (exact != 0).sum(1).double().mean().item() and answer.patches == 4


# Bad input ------------------------------------------------------------------------------------------------------------

GREY, NOTHING = np.zeros((12, 12)), np.zeros((12, 12), bool)


SQUARE = torch.eye(16)
ISTA = solvers.build("ista", SQUARE)
SPAN = r"non_zeros must be from 0\.0\d+, the means of the patches alone, to .*, all atoms, got"
BAD = [
    ("denoise", (np.zeros((4, 4), np.uint8),), "picture must be of floats .* got uint8"),
    ("denoise", (np.zeros((4, 4, 4)),), r"picture must be \(h, w\) or .* got \(4, 4, 4\)"),
    ("denoise", (np.zeros((0, 4)),), "at least one pixel"),
    ("denoise", (np.full((4, 4), np.nan),), "picture must be finite, got NaN"),
    ("denoise", (GREY, 0), "sigma must be > 0 and finite, got 0"),
    ("denoise", (GREY, float("nan")), "sigma must be > 0 and finite, got nan"),
    ("denoise", (GREY, 0.1, "ista", None, 0), "stride must be a whole number ≥ 1, got 0"),
    ("denoise", (GREY, 0.1, "ista", SQUARE, 5), "stride must be at most 4"),
    ("denoise", (GREY, 0.1, "istaa", SQUARE), "solver must be one of ista"),
    ("denoise", (GREY, 0.1, ISTA, SQUARE), "a built solver has its dictionary"),
    ("denoise", (GREY, 0.1, "ista", torch.eye(12)), "the dictionary is for colour patches"),
    ("denoise", (GREY, 0.1, "ista", torch.eye(10)), "a patch must be square"),
    ("inpaint", (GREY, NOTHING[:5]), r"missing must be bool \(12, 12\) like the picture, got"),
    ("inpaint", (GREY, GREY), "missing must be bool"),
    ("inpaint", (GREY, ~NOTHING), "missing must leave at least one pixel"),
    ("approximate", (GREY,), "give non_zeros, .* or lam"),
    ("approximate", (GREY, 0.01), f"{SPAN} 0.01"),
    ("approximate", (GREY, 100), f"{SPAN} 100"),
]


@pytest.mark.parametrize(("function", "arguments", "message"), BAD)
def test_bad_input_is_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(photographs, function)(*arguments)


def test_the_best_depends_on_colour_and_on_what_dictionary_is_given():
    grey, colour = noisy(smooth(20, 20)), noisy(smooth(20, 20, 3))
    label = {
        name: solvers.solver_class(name).label for name in (defaults.PHOTOGRAPHS, defaults.PATCHES)
    }
    assert photographs.denoise(grey, SIGMA).solver == label[defaults.PHOTOGRAPHS]
    assert (
        photographs.denoise(grey, SIGMA, dictionary=torch.eye(25)).solver == label[defaults.PATCHES]
    )
    assert "colour patches" in photographs.denoise(colour, SIGMA, stride=4).way
