"""The pictures on which photographs are tested, their noise, and what other methods make of them.

scikit-image's camera, astronaut and coffee, on which nothing was trained or chosen. PSNR and SSIM are of
pictures clipped to [0, 1].
"""

import numpy as np

PICTURES = ("camera", "astronaut", "coffee")
SIGMAS = (15, 25, 50)  # the σ of the tests, on the scale of 0 to 255


def picture(name: str, crop: int | None = None, colour: bool = False) -> np.ndarray:
    """Return a test picture, (h, w) or (h, w, 3) in [0, 1]."""
    from skimage import color, data, util

    values = util.img_as_float(getattr(data, name)())
    if values.ndim == 3 and not colour:
        values = color.rgb2gray(values)
    if crop:
        y, x = ((side - min(crop, side)) // 2 for side in values.shape[:2])
        values = values[y : y + crop, x : x + crop]
    return values


def noisy(clean: np.ndarray, sigma: int, seed: int = 0) -> np.ndarray:
    """Return a picture in [0, 1] with white noise of the standard deviation σ/255 added, drawn by the seed."""
    return clean + sigma / 255 * np.random.RandomState(seed).standard_normal(clean.shape)


def quality(clean: np.ndarray, answer: np.ndarray) -> tuple[float, float]:
    """Return (PSNR in dB, SSIM) of a picture after clipping."""
    from skimage import metrics

    answer, axis = answer.clip(0, 1), -1 if clean.ndim == 3 else None
    psnr = metrics.peak_signal_noise_ratio(clean.astype(float), answer.astype(float), data_range=1)
    return psnr, metrics.structural_similarity(clean, answer, data_range=1, channel_axis=axis)


def non_local_means(y: np.ndarray, sigma: float) -> np.ndarray:
    """Return a noisy picture, grey or colour, cleaned by non-local means; other settings lose more than .4 dB."""
    from skimage.restoration import denoise_nl_means

    axis = -1 if y.ndim == 3 else None
    return denoise_nl_means(
        y, patch_size=5, patch_distance=6, h=0.8 * sigma, sigma=sigma, channel_axis=axis
    )


def bm3d(y: np.ndarray, sigma: float) -> np.ndarray:
    """Return a noisy grey picture, cleaned by the package bm3d, which is not part of sc2viz: its licence allows non-commercial
    use alone. ModuleNotFoundError where it is not installed."""
    import bm3d

    return bm3d.bm3d(y, sigma)
