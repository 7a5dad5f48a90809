"""State evolution: the error of AMP after every iteration, for many atoms with independent Gaussian entries.

    τ_0² = ω² + E[S²]/δ,    τ_{t+1}² = ω² + E_t/δ,    E_t = E[(h(S + τ_t Z; α τ_t) − S)²],    δ = d_x/d_s

S is a code, normal with the probability ε and else 0; Z is standard normal; ω is the standard deviation of the noise on an
entry of x; h shrinks by its second argument. E_t/E[S²] is the NMSE after iteration t + 1 (Donoho, Maleki & Montanari 2009).
The expectation has a closed form: with θ = α τ, v = 1 + τ², a = θ/√v, S given S + τZ = u is normal about u/v, so that

    E[(h − S)²] = ε (τ²/v + E[(h(u) − u/v)²]) + (1 − ε) E[h(τZ)²].
"""

import math


def nmse(
    delta: float, sparsity: float, snr_db: float | None, alpha: float, steps: int
) -> list[float]:
    """Return the NMSE in dB after the iterations 1 … `steps` of AMP with the threshold `alpha` in units of ‖v‖/√d_x.

    delta: d_x/d_s; sparsity: ε; snr_db: the signal-to-noise ratio, None for no noise. ValueError outside their ranges.
    """
    if not (delta > 0 and 0 < sparsity <= 1 and alpha >= 0 and steps >= 1):
        got = f"{delta}, {sparsity}, {alpha}, {steps}"
        raise ValueError(
            f"delta must be > 0, sparsity in (0, 1], alpha ≥ 0 and steps ≥ 1, got {got}"
        )
    noise = (
        0.0 if snr_db is None else sparsity / delta * 10 ** (-snr_db / 10)
    )  # ω²: an entry of B s has E[S²]/δ
    decibels, error = [], sparsity
    for _ in range(steps):
        error = _error(math.sqrt(noise + error / delta), alpha, sparsity)
        decibels.append(10 * math.log10(error / sparsity))
    return decibels


def _error(tau: float, alpha: float, sparsity: float) -> float:
    """Return the mean squared error E[(h(S + τZ; ατ) − S)²]."""
    density, tail = _normal(alpha)
    zero = 2 * tau**2 * ((1 + alpha**2) * tail - alpha * density)  # E[h(τZ)²]
    v = 1 + tau**2
    a = alpha * tau / math.sqrt(v)
    density, tail = _normal(a)
    inside = (0.5 - a * density - tail) / v  # E[(u/v)²; 0 < u < θ]
    c = 1 - 1 / v
    outside = v * (
        c**2 * (a * density + tail) - 2 * c * a * density + a**2 * tail
    )  # E[(c u − θ)²; u > θ]
    return sparsity * (tau**2 / v + 2 * (inside + outside)) + (1 - sparsity) * zero


def _normal(a: float) -> tuple[float, float]:
    """Return φ(a) and Φ(−a), the standard normal density and tail."""
    return math.exp(-a * a / 2) / math.sqrt(2 * math.pi), math.erfc(a / math.sqrt(2)) / 2
