"""The homotopy: the exact codes of a sample at every λ, followed from λ_max down, knot by knot; compiled.

    F(s) = ½‖x − B s‖² + λ‖s‖₁,    G = BᵀB,    c = Bᵀx − G s

The optimum is piecewise linear in λ (Osborne, Presnell & Turlach 2000; Efron et al. 2004, LARS with drops). Between two
knots the support A and its signs z stay the same. While λ falls by one,

    s_A grows by G_AA⁻¹ z_A    and    c by −G_{·A} G_AA⁻¹ z_A.

The next knot is where the correlation c_j of an atom outside A reaches ±λ (the atom enters) or a code in A reaches 0 (the
atom leaves). For `positive` codes only +λ counts. The lower half of G_AA⁻¹ is kept and updated by rank one.
"""

import numpy as np

from sc2viz.exact.certificates import correlations, relative_gap, times_gram
from sc2viz.exact.loops import add_rows, compiled, copy, dot

CLOSE = 1e-6  # An atom whose squared distance from the span of the support is below this share of ‖b_j‖² is called close.
DEPENDENT = 1e-12  # An atom whose squared distance from the span of the support is below this share of ‖b_j‖² stays out.
REFRESH = 16  # After this number of knots, codes and correlations are computed afresh, because rounding errors add up.
EXACT = 1e-12  # Codes are improved if a condition of optimality fails by more than this share of λ.


@compiled
def times_inverse(inverse, weights, k, out):
    """Compute out[:k] = G_AA⁻¹ weights[:k] from the lower half of G_AA⁻¹: an entry that is loaded serves its mirror image too."""
    out[:k] = 0
    for i in range(0, k - k % 4, 4):
        a, b, c, d = inverse[i], inverse[i + 1], inverse[i + 2], inverse[i + 3]
        p, q, r, s = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
        w = x = y = z = 0.0
        for j in range(i):
            v = weights[j]
            w, x, y, z = w + a[j] * v, x + b[j] * v, y + c[j] * v, z + d[j] * v
            out[j] += p * a[j] + q * b[j] + r * c[j] + s * d[j]
        out[i] = w + p * a[i] + q * b[i] + r * c[i] + s * d[i]
        out[i + 1] = x + p * b[i] + q * b[i + 1] + r * c[i + 1] + s * d[i + 1]
        out[i + 2] = y + p * c[i] + q * c[i + 1] + r * c[i + 2] + s * d[i + 2]
        out[i + 3] = z + p * d[i] + q * d[i + 1] + r * d[i + 2] + s * d[i + 3]
    for i in range(k - k % 4, k):
        a, p, w = inverse[i], weights[i], 0.0
        for j in range(i):
            w += a[j] * weights[j]
            out[j] += p * a[j]
        out[i] = w + p * a[i]


@compiled
def squared_distance(j, atoms, active, inverse, w, k):
    """Return the squared distance of atom j from the span of the support. The k weights `w` of its projection are improved
    once."""
    residual, column, change = atoms[j].copy(), np.empty(k), np.empty(k)
    add_rows(atoms, active, -w[:k], k, residual, len(residual))
    for i in range(k):
        column[i] = dot(atoms[active[i]], residual)
    times_inverse(inverse, column, k, change)
    add_rows(atoms, active, -change, k, residual, len(residual))
    for i in range(k):
        w[i] += change[i]
    return dot(residual, residual)


@compiled
def enter(j, sign_j, atoms, gram, square, active, sign, inverse, direction, k):
    """Border G_AA⁻¹ and G_AA⁻¹ z_A by atom j and return True; return False, with nothing changed, if the atom depends on those of
    the support."""
    column, w = np.empty(k), np.empty(k)
    for i in range(k):
        column[i] = gram[j, active[i]] if len(gram) else dot(atoms[j], atoms[active[i]])
    times_inverse(inverse, column, k, w)
    distance, last = square[j], sign_j
    for i in range(k):
        distance -= column[i] * w[i]
    if not distance > CLOSE * square[j]:  # a difference of two nearly equal numbers
        distance = squared_distance(j, atoms, active, inverse, w, k)
    if not distance > DEPENDENT * square[j]:
        return False
    for i in range(k):
        last -= w[i] * sign[i]
    last /= distance
    for i in range(k):
        row, share = inverse[i], w[i] / distance
        for m in range(i + 1):
            row[m] += share * w[m]
        inverse[k, i] = -share
        direction[i] -= last * w[i]
    inverse[k, k] = 1 / distance
    active[k], sign[k], direction[k] = j, sign_j, last
    return True


@compiled
def leave(p, active, sign, inverse, direction, k):
    """Remove the atom at place p from the support, G_AA⁻¹ and G_AA⁻¹ z_A; the last of the k atoms moves to that place."""
    last, border = k - 1, np.empty(k - 1)
    for m in range(last):
        border[m] = inverse[p, m] if m < p else inverse[m, p]
    corner = inverse[p, p]
    if p < last:
        border[p] = inverse[last, p]
        for m in range(last):
            inverse[max(m, p), min(m, p)] = inverse[last, m if m != p else last]
    active[p], active[last] = active[last], active[p]
    sign[p], direction[p], gone = sign[last], direction[last], direction[p]
    for i in range(last):
        row, share = inverse[i], border[i] / corner
        for m in range(i + 1):
            row[m] -= share * border[m]
        direction[i] -= share * gone


@compiled
def entering(c, slope, lam, free, departed, departed_sign, positive, falls):
    """Return (fall of λ, atom, sign) at which the correlation of a free atom next reaches ±λ.

    `departed` is the atom that left at the last knot, with the sign `departed_sign`, which is 0 if none left: its correlation
    moves away from that side.
    """
    for j in range(len(c)):
        rise, fall = 1 + slope[j], 1 - slope[j]
        up = max(lam - c[j], 0.0) / rise if rise > 0 else np.inf
        down = max(lam + c[j], 0.0) / fall if fall > 0 and not positive else np.inf
        falls[j] = min(up, down) if free[j] else np.inf
    if departed_sign != 0:
        rate = 1 - departed_sign * slope[departed]
        turns = rate > 0 and not (positive and departed_sign > 0)
        falls[departed] = (lam + departed_sign * c[departed]) / rate if turns else np.inf
    first = np.inf
    for j in range(len(c)):
        first = min(first, falls[j])
    for j in range(len(c)):
        if falls[j] == first:
            break
    return first, j, 1.0 if c[j] + first * slope[j] > 0 else -1.0


@compiled
def leaving(codes, active, sign, direction, k, fall):
    """Return (fall of λ, place in the support) at which one of the k codes reaches 0; (fall, −1) if none does before `fall`."""
    place = np.int64(-1)
    for i in range(k):
        if direction[i] * sign[i] < 0:
            until = max(-codes[active[i]] / direction[i], 0.0)
            if until < fall:
                fall, place = until, i
    return fall, place


@compiled
def follow(samples, r, codes, limit, knots, knot_codes):
    """Lead the codes (d_s,) of sample r, zero at λ_max, to the optimum at its λ; returns (knots, events, failure).

    λ and the codes of every knot go into `knots` (m,) and `knot_codes` (m, d_s), unless m = 0. `events` counts the atoms
    that entered or left, at most `limit`. `failure` is the largest share of λ by which a condition of optimality failed, and
    infinite if the limit was reached.
    """
    projection, _, largest, weights, B, atoms, gram, square, positive = samples
    room, d_s, lam, lam_end = min(B.shape), len(codes), largest[r], weights[r]
    active, inverse = np.empty(room, np.int64), np.empty((room, room))
    sign, direction = np.empty(room), np.empty(room)
    free, falls, c, slope = (
        np.ones(d_s, np.bool_),
        np.empty(d_s),
        projection[r].copy(),
        np.empty(d_s),
    )
    k, count, departed, failure, departed_sign = np.int64(0), np.int64(0), np.int64(0), 0.0, 0.0
    if len(knots):
        knots[0], knot_codes[0], count = lam, 0, 1
    for event in range(limit + 1):
        times_gram(B, atoms, gram, active, direction, k, slope)
        for j in range(d_s):
            slope[j] = -slope[j]
        fall, new, new_sign = entering(
            c, slope, lam, free, departed, departed_sign, positive, falls
        )
        if k == room:
            fall = np.inf
        fall, place = leaving(codes, active, sign, direction, k, fall)
        arrived = not fall < lam - lam_end
        if arrived:
            fall = lam - lam_end
        elif event == limit:
            return count, event, np.inf
        lam = lam_end if arrived else lam - fall
        for i in range(k):
            codes[active[i]] += fall * direction[i]
        for j in range(d_s):
            c[j] += fall * slope[j]
        departed_sign = 0.0
        if place >= 0 and not arrived:
            departed, departed_sign = active[place], sign[place]
            codes[departed] = 0
            leave(place, active, sign, inverse, direction, k)
            k -= 1
            free[:] = True
            for i in range(k):
                free[active[i]] = False
        if arrived or event % REFRESH == REFRESH - 1:
            failure = max(failure, refresh(samples, r, lam, codes, c, active, sign, inverse, k))
            times_inverse(inverse, sign, k, direction)
        if place < 0 and not arrived:  # after `refresh`, which would give its code of 0 a sign
            free[new] = False
            if enter(new, new_sign, atoms, gram, square, active, sign, inverse, direction, k):
                k += 1
        if len(knots) and fall > 0:
            knots[count] = lam
            copy(codes, knot_codes[count])
            count += 1
        if arrived:
            break
    return count, event, failure


@compiled
def refresh(samples, r, lam, codes, c, active, sign, inverse, k):
    """Compute c afresh and improve the codes by s_A ← s_A + G_AA⁻¹(c_A − λ z_A).

    Returns the share of λ by which a condition of optimality failed before.
    """
    change, values, first = np.empty(k), np.empty(k), 0.0
    for attempt in range(3):
        for i in range(k):
            values[i] = codes[active[i]]
        correlations(samples, r, active, values, k, c)
        wrong, positive = 0.0, samples.positive
        for j in range(len(c)):
            wrong = max(wrong, (c[j] if positive else abs(c[j])) - lam)
        for i in range(k):
            values[i] = c[active[i]] - lam * sign[i]
            wrong = max(wrong, abs(values[i]))
        if attempt == 0:
            first = wrong
        if wrong <= EXACT * lam or attempt == 2:
            break
        times_inverse(inverse, values, k, change)
        for i in range(k):
            codes[active[i]] += change[i]
    return first / lam


@compiled
def solve(samples, limit, codes, is_single, gap, events, rows):
    """Find the codes of every sample r of `rows` by `follow`: codes[r] and gap[r] take them where their gap is smaller, and
    events[r] counts the atoms that entered or left.

    is_single: the codes are rounded to float32.
    """
    no_knots, no_codes, answer = np.empty(0), np.empty((0, 0)), np.empty(samples.B.shape[1])
    for r in rows:
        answer[:] = 0
        if samples.largest[r] > samples.lam[r]:
            events[r] = follow(samples, r, answer, limit, no_knots, no_codes)[1]
        for j in range(
            len(answer)
        ):  # of atoms that nearly depend on each other, codes may be wrong
            code = max(answer[j], 0.0) if samples.positive else answer[j]
            answer[j] = np.float32(code) if is_single else code
        reached = relative_gap(samples, r, answer)
        if reached < gap[r]:
            gap[r] = reached
            copy(answer, codes[r])
