"""Gabor functions, waves under a Gaussian window, fitted to atoms: where an atom lies, its direction and its frequency.

    g(p) = exp(−½ (u/σ_u)² − ½ (v/σ_v)²) · (a cos 2πfu + b sin 2πfu),    (u, v) = R(θ) (p − p₀)

Receptive fields in the primary visual cortex have this form (Jones & Palmer 1987), and so have atoms that are learned from
whitened photographs (Olshausen & Field 1996). a and b enter linearly and are solved for at every other parameter.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

FINE = 4  # times as wide as the atom is the ground of zeros on which its spectrum is taken
EVALUATIONS = 400  # of the Gabor function, at most, in a fit


class Gabor(NamedTuple):
    """The Gabor function nearest to an atom of size×size pixels. Lengths are in pixels."""

    explained: float  # the share of the atom's variance, 1 − ‖b − g‖²/‖b − mean(b)‖²
    frequency: float  # of the wave, in cycles a pixel
    orientation: float  # of the stripes, in degrees in [0, 180): 0 is horizontal, 90 upright
    centre: tuple[float, float]  # p₀, as row and column
    widths: tuple[float, float]  # σ_u across the stripes, σ_v along them
    picture: np.ndarray  # (size, size) g, the function itself


def fit(atom: np.ndarray) -> Gabor:
    """Fit a Gabor function to an atom (size, size) by least squares, from the highest peak of its spectrum.

    Raises ValueError for what is no square picture of at least 3×3 finite pixels that differ.
    """
    b = np.asarray(atom, float)
    is_square = b.ndim == 2 and b.shape[0] == b.shape[1] and len(b) >= 3
    if not is_square or not np.isfinite(b).all() or np.ptp(b) == 0:
        raise ValueError(
            f"an atom must be a square picture of at least 3×3 finite pixels that differ, got {b.shape}"
        )
    rows, columns = np.mgrid[: len(b), : len(b)]
    energy = b**2 / (b**2).sum()
    middle = (energy * rows).sum(), (energy * columns).sum()
    square = (energy * ((rows - middle[0]) ** 2 + (columns - middle[1]) ** 2)).sum()
    spread = np.log(max(np.sqrt(square / 2), 0.7))

    # The place of the highest peak of the spectrum, in cycles a pixel
    size = FINE * len(b)
    power = np.abs(np.fft.rfft2(b - b.mean(), (size, size)))
    down, right = np.unravel_index(power.argmax(), power.shape)
    start = np.array([*middle, spread, spread, np.fft.fftfreq(size)[down], right / size])

    def residuals(parameters: np.ndarray) -> np.ndarray:
        return (_nearest(b, rows, columns, parameters) - b).ravel()

    fitted = least_squares(residuals, start, method="lm", max_nfev=EVALUATIONS)
    row, column, log_u, log_v, down, right = fitted.x
    # The stripes are perpendicular to the wave.
    direction = np.degrees(np.arctan2(down, right))
    return Gabor(
        float(1 - 2 * fitted.cost / ((b - b.mean()) ** 2).sum()),
        float(np.hypot(down, right)),
        float((90 - direction) % 180),
        (row, column),
        (float(np.exp(log_u)), float(np.exp(log_v))),
        _nearest(b, rows, columns, fitted.x),
    )


def _nearest(
    b: np.ndarray, rows: np.ndarray, columns: np.ndarray, parameters: np.ndarray
) -> np.ndarray:
    """Return the Gabor function (size, size) nearest to the atom b for (row, column, ln σ_u, ln σ_v, cycles a pixel downwards, to
    the right) with the best a and b."""
    row, column, log_u, log_v, down, right = parameters
    f = np.hypot(down, right) + 1e-9
    y, x = rows - row, columns - column
    u, v = (down * y + right * x) / f, (right * y - down * x) / f
    window = np.exp(-0.5 * ((u * np.exp(-log_u)) ** 2 + (v * np.exp(-log_v)) ** 2))
    wave = 2 * np.pi * f * u
    basis = np.stack((window * np.cos(wave), window * np.sin(wave)), axis=-1).reshape(-1, 2)
    return (basis @ np.linalg.lstsq(basis, b.ravel(), rcond=None)[0]).reshape(b.shape)


def medians(patches: np.ndarray) -> np.ndarray:
    """Return the medians over the fits of patches (n, side, side) that are not constant: the share that is explained, the
    frequency, and the width, the geometric mean of that across and along the stripes."""
    fits = [fit(patch) for patch in patches if np.ptp(patch) > 0]
    return np.median(
        [(fit.explained, fit.frequency, np.prod(fit.widths) ** 0.5) for fit in fits], 0
    )
