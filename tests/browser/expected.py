"""What the stage's JavaScript should compute, from numpy, scipy and the app's Python: a JSON for `node --test`, by module.

PYTHONPATH=.:tests python tests/browser/expected.py > expected.json
"""

import base64
import gzip
import json
import sys
from collections.abc import Mapping

import numpy as np
import torch
from browser.unpacking import unpack
from scipy import stats

from sc2viz import activations, evaluation, lasso, solvers, words
from sc2viz.analysis import convergence, one_iteration, refitting, unfolded
from sc2viz.browser import panels, readings, wire_format
from sc2viz.browser.export import export
from sc2viz.draw import mosaics, style
from sc2viz.solvers.fista import momenta
from sc2viz.words import listed, ngettext, numeral


def plain(value):
    """Arrays as flat lists, and what JSON does not have, NaN and infinities, as words that JavaScript reads as numbers."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.ravel().tolist() if value.ndim else value.item()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def colour() -> dict:
    values = np.array([-1, 0, 0.1, 0.5, 0.998, 1, 2, np.nan, 0.25, 0.75, 0.31, 0.6])
    errors, top = np.array([0, 0.01, 0.2, 0.39, 0.4, 7]), 0.4
    natural = {n: mosaics.mosaic(values[None], (1, len(values) // n, n), side=1) for n in (1, 3)}
    lines = []
    for d_x in (1, 7, 96, 200):
        rows, reconstructions = np.random.default_rng(d_x).normal(size=(2, 2, d_x))
        shape = mosaics.Lines(d_x, -2.0, 2.0)
        pixels, wrong = (
            mosaics.tiles(rows, shape)[1],
            mosaics.error(rows, reconstructions, shape)[1],
        )
        lines.append(
            {
                "shape": {"d_x": d_x, "low": -2, "high": 2},
                "rows": rows,
                "wrong": np.abs(rows - reconstructions),
                "drawn": pixels,
                "strip": wrong,
            }
        )
    mapped = {
        "errors": errors,
        "top": top,
        "table": panels.steps(style.ERROR_TABLE),
        "drawn": mosaics.error_mosaic(errors.reshape(1, 1, -1), top, side=1),
    }
    return {"values": values, "natural": natural, "mapped": mapped, "lines": lines}


def decode() -> dict:
    rng = np.random.default_rng(0)
    codes = (rng.normal(size=(3, 5, 7)) * 10.0 ** rng.integers(-9, 5, (3, 5, 7))).astype(np.float16)
    smooth = wire_format.pack(np.linspace(1, -2, 12).reshape(4, 1, 3))
    atoms = wire_format.pack(rng.normal(size=(4, 6)) / 3, wire_format.FINER)
    floats = rng.normal(size=5).astype("<f4")
    message = "λ above 0.1: “größer”"
    return {
        "codes": codes,
        "all": wire_format.pack(codes).text,
        "others": wire_format.pack(np.delete(codes, 1, axis=0)).text,
        "one": wire_format.pack(codes[1:2]).text,
        "half of what is kept": wire_format.pack(np.zeros(2**23 - 2)).text,
        "smooth": {"text": smooth.text, "codes": unpack(smooth)},
        "atoms": {"text": atoms.text, "numbers": unpack(atoms)},
        "floats": floats,
        "base64": base64.b64encode(floats.tobytes()).decode(),
        "words": message,
        "gzip": base64.b64encode(gzip.compress(message.encode(), mtime=0)).decode(),
    }


def objective() -> dict:
    rng = np.random.default_rng(1)
    codes, B, x = rng.normal(size=(2, 3, 5)), rng.normal(size=(12, 5)), rng.normal(size=(3, 12))
    codes[np.abs(codes) < 0.5] = 0
    reconstruction, lam = codes[1] @ B.T, 0.3
    channels = (x - reconstruction).reshape(3, 4, 3)
    F = 0.5 * np.sum((x - reconstruction) ** 2, 1) + lam * np.abs(codes[1]).sum(1)
    offset = rng.normal(size=12)
    return {
        "codes": codes,
        "atoms": B.T,
        "x": x,
        "lam": lam,
        "made": reconstruction,
        "F": F,
        "offset": offset,
        "from": reconstruction + offset,
        "wrong": np.abs(channels).mean(2),
        "rest": channels.mean(2),
    }


def activation() -> dict:
    parameters, c = (
        {"theta": 0.3, "D": 1.7, "u": 0.45},
        torch.linspace(-2, 2, 41, dtype=torch.float64),
    )
    theta, D, u = torch.tensor(list(parameters.values()), dtype=c.dtype)
    soft = [activations.shrink(c, theta), activations.shrink_derivative(c, theta), 0 * c]
    smooth = [activations.double_tanh_derivative(c, D, u, order) for order in (1, 2)]
    smooth.insert(0, activations.double_tanh(c, D, u))
    sizes = [(theta, R) for R in (0.3, 1.0, 4.0) for theta in (0.012, 0.2, 0.9, 2.0) if theta < R]
    curves = {"soft": torch.stack(soft).tolist(), "smooth": torch.stack(smooth).tolist()}
    return {
        "at": parameters,
        "c": c.numpy(),
        "fits": [(*size, _apart(*size)) for size in sizes],
        **curves,
    }


def _apart(theta: float, R: float) -> float:
    """The root mean square by which the best double tanh differs from shrinkage on [−R, R]."""
    c = torch.linspace(-R, R, 201, dtype=torch.float64)
    smooth = activations.double_tanh(c, *activations.fit_double_tanh(theta, R))
    return (smooth - activations.shrink(c, torch.tensor(theta).to(c))).square().mean().sqrt().item()


def adaptive() -> dict:
    rng = np.random.default_rng(4)
    B, x, lam, (i, f), steps = rng.normal(size=(9, 6)), rng.normal(size=9), 0.4, (1.2, -0.3), 30
    G, row, atoms = B.T @ B, torch.from_numpy(x[None]), torch.from_numpy(B)
    solver = solvers.build("adaptive-ista", atoms, input_gate=i, forget_gate=f)
    codes = solver.trace(row, lam, steps).codes.detach()
    F = evaluation.objective_along(row, codes, atoms, lam)[:, 0].numpy()
    tau = 1 / np.linalg.norm(B, 2) ** 2
    problem = {"b": B.T @ x, "energy": x @ x, "tau": tau, "lam": lam}
    inputs = {"problem": problem, "upper": G[np.triu_indices(6)], "G": G}
    return inputs | {"i": i, "f": f, "steps": steps, "F": F}


def percent() -> dict:
    """Numbers at which the words change, and others of all sizes, none of them halfway between two readings."""
    turns = [
        0,
        0.0099,
        0.01,
        0.010001,
        0.0123,
        0.95,
        1,
        9.94,
        9.949,
        9.9501,
        10.4,
        99.6,
        999.6,
        1234,
        999999,
        1e6,
        3e9,
    ]
    sizes = 10 ** np.random.default_rng(2).uniform(-3, 7, 200)
    values = [*turns, *sizes, np.inf, np.nan]
    values += [-value for value in values]
    return {"values": values, "read": [readings.percent(value) for value in values]}


def read() -> dict:
    """Numbers of cards as Python writes them: distances, values of F, PSNR and shares; of F none is halfway between two."""
    rng = np.random.default_rng(5)
    sizes = 10 ** rng.uniform(-3, 8, 100)
    distances = [*sizes, *-sizes, 0.0, 0.0099, -0.0101, 9.949, -9.9501]
    F = [*sizes, 0.0, 9999.4, 10000.6, 1234.6, 5.2, np.inf, np.nan]
    shares = [*(k / 200 for k in range(201)), *rng.random(50)]
    missing = [*shares[201:], 0.0, 1.0, 1.0001, 11.55, np.inf]
    return {
        "far": distances,
        "above": [readings.format_excess(value) for value in distances],
        "side": [readings.side(value) for value in distances],
        "F": F,
        "objective": [readings.objective(value) for value in F],
        "psnr": [*F, -3.2],
        "decibels": [readings.decibels(value) for value in [*F, -3.2]],
        "parts": missing,
        "missing": [readings.missing(value) for value in missing],
        "shares": shares,
        "whole": [f"{100 * value:.0f} %" for value in shares],
    }


def numbers() -> dict:
    """What a code costs, by numpy."""
    rng, lam, peak = np.random.default_rng(6), 0.3, 2.0
    B, x, s = (
        rng.normal(size=(7, 9)).astype("<f4"),
        rng.normal(size=7).astype("<f4"),
        rng.normal(size=9),
    )
    s[[1, 4]], s[5] = 0, 5e-4
    residual = x - B.astype(float) @ s
    loss = 0.5 * residual @ residual
    F = loss + lam * np.linalg.norm(B.astype(float), axis=0) @ np.abs(s)
    psnr = 20 * np.log10(peak) - 10 * np.log10(np.mean(residual**2))
    return {
        "B": B,
        "x": x,
        "s": s,
        "lam": lam,
        "peak": peak,
        "loss": loss,
        "F": F,
        "psnr": psnr,
        "active": 6,
    }


def lowest_of(setting: str, distances: Mapping[str, float]) -> str:
    """Which of the solvers `now`, each with its distance to the optimum in %, has the lowest F, or which of them share it to
    the digits that are shown. `setting` begins the sentence; an oracle of measure.js."""
    settled = {label: float(convergence.settled(distance)) for label, distance in distances.items()}
    minimum = min(settled.values())
    excess = readings.describe_excess(minimum)
    first = [
        label
        for label, distance in settled.items()
        if distance == minimum or readings.describe_excess(distance) == excess
    ]
    values = {"setting": setting, "names": listed([f"**{label}**" for label in first])}
    if len(first) == len(settled):
        return ngettext(
            "{setting}, {names} is {distance}.",
            "{setting}, {names} are {distance}.",
            len(first),
            distance=excess,
            **values,
        )
    values |= {
        "total": numeral(len(settled)),
        "percent": readings.percent(abs(minimum)),
        "side": readings.side(minimum),
    }
    return ngettext(
        "{setting}, {names} has the lowest F of the {total} solvers compared: it is **{percent}** {side}.",
        "{setting}, {names} share the lowest F of the {total} solvers compared: each is **{percent}** {side}.",
        len(first),
        **values,
    )


def lowest() -> list:
    """The sentences that compare solvers, by their distances to the optimum in %."""
    distances = [
        (63.2, 2.84, np.nan),
        (-0.5,),
        (0.002, -0.004),
        (309.0, 309.0, 694.0),
        (0.004, -69.7, 0.0),
        (2.84, 2.81, 2.75),
        (np.inf, np.nan, 1e9),
    ]
    distances_by_label = [dict(zip("ABC", row, strict=False)) for row in distances]
    return [[labelled, lowest_of("Here", labelled)] for labelled in distances_by_label]


def worded() -> list:
    """Numbers of a column, and what `readings.format_reading` makes of each."""
    keys = (
        "above",
        "side",
        "F",
        "psnr",
        "nonzeros",
        "lam",
        "active",
        "atoms",
        "missing",
        "own",
        "ms",
    )
    sizes = ((12.34, 3.21, 1), (0.0, -0.4, 0), (9e9, np.inf, 7), (5.0, np.nan, 2))
    cases = [
        {
            "F": F,
            "psnr": F,
            "share": 0.125,
            "far": distance,
            "away": float(active > 6),
            "own": distance,
            "active": active,
            "missing": F / 10,
            "ms": 0.0321 * 10**active,
            "lam": 0.137,
        }
        for F, distance, active in sizes
    ]
    return [[case, {name: readings.format_reading(name, case) for name in keys}] for case in cases]


def counts() -> list:
    return [
        [n, words.count(n, "iteration"), words.ngettext("is", "are", n)]
        for n in (0, 1, 2, 11, 21, 101, 1234)
    ]


def other() -> list:
    """What a pen's numbers are of a network with atoms of its own, fewer or more than the dictionary that all share."""
    rng, lam, steps, results = np.random.default_rng(8), 0.1, 6, []
    x = torch.from_numpy(rng.normal(size=(1, 7)).astype("f4"))
    for shared, own_atoms in ((9, 5), (5, 9)):
        B, D = (
            lasso.normalised(torch.from_numpy(rng.normal(size=(7, width)).astype("f4")))
            for width in (shared, own_atoms)
        )
        solver = solvers.build("ista", D)
        graph, codes = export(solver), solver(x, lam, steps).detach()
        F = lasso.objective(x, codes, D, lam).item()
        best = [
            lasso.objective(
                x, lasso.solve(x, matrix, lam, tol=1e-9).codes.float(), matrix, lam
            ).item()
            for matrix in (B, D)
        ]
        results.append(
            {
                "B": B.numpy(),
                "size": B.shape,
                "x": x.numpy(),
                "lam": lam,
                "T": steps,
                "graph": graph.data,
                "texts": {parcel.name: parcel.text for parcel in graph.parcels},
                "F": F,
                "far": 100 * (F / best[0] - 1),
                "own": 100 * (F / best[1] - 1),
                "used": f"{int(evaluation.in_use(codes).sum())} of {own_atoms}",
            }
        )
    return results


def noise() -> dict:
    numbers = {seed: np.random.RandomState(seed).standard_normal(2001) for seed in (0, 7)}
    clean = np.random.default_rng(3).integers(0, 256, (20, 3))
    noisy = np.clip(clean + 25 * numbers[0][:60].reshape(20, 3), 0, 255)
    psnr = 10 * np.log10(255**2 / np.mean((noisy - clean) ** 2))
    uniform = np.random.RandomState(0).random_sample(2000)
    return {
        "uniform": uniform,
        "drawn": numbers,
        "clean": clean,
        "sigma": 25,
        "seen": noisy,
        "psnr": psnr,
    }


def ideas() -> dict:
    """Three random states of each figure of an idea."""
    rng, results = np.random.default_rng(9), {"two": [], "one": [], "dual": [], "alike": []}
    for lam in (0.05, 0.4, 1.5):
        A, c = rng.normal(size=(6, 2)), rng.normal(size=2)
        G = A.T @ A
        exact = (
            lasso.solve(torch.tensor((A @ c)[None]), torch.from_numpy(A), lam, tol=1e-12)
            .codes[0]
            .numpy()
        )
        results["two"].append(
            {
                "G": G.tolist(),
                "c": c,
                "lam": lam,
                "lasso": exact,
                "ridge": np.linalg.solve(G + lam * np.eye(2), G @ c),
            }
        )
    for c, theta in ((0.3, 0.5), (-1.1, 0.4), (0.9, 0.85)):
        F = lambda s, c=c, theta=theta: 0.5 * (c - s) ** 2 + theta * np.abs(s)  # noqa: E731
        beside = [(F(0) - F(-1e-7)) / 1e-7, (F(1e-7) - F(0)) / 1e-7]
        weight = activations.shrink(*torch.tensor([c, theta], dtype=torch.float64)).item()
        results["one"].append(
            {"c": c, "theta": theta, "least": weight, "F": F(weight), "slopes": beside}
        )
    for atom_count, lam in ((3, 0.3), (5, 0.6), (6, 0.1)):
        B, x = (
            lasso.normalised(torch.from_numpy(rng.normal(size=(2, atom_count)))),
            torch.from_numpy(rng.normal(size=(1, 2))),
        )
        codes = lasso.solve(x, B, lam, tol=1e-12).codes
        nearest = (x - codes @ B.T)[0].numpy()  # which is the residual of the optimum
        results["dual"].append(
            {
                "atoms": B.T.tolist(),
                "x": x[0].tolist(),
                "lam": lam,
                "codes": codes[0].numpy(),
                "u": nearest,
                "F": lasso.objective(x, codes, B, lam).item(),
            }
        )
    for angle, lam in ((80, 0.1), (30, 0.4), (8, 0.2)):
        x, turned = rng.normal(size=2), np.radians(angle)
        B = torch.tensor([[1, np.cos(turned)], [0, np.sin(turned)]])
        best = lasso.solve(torch.from_numpy(x[None]), B, lam, tol=1e-13).codes[0].numpy()
        ways = [
            solvers.build(name, B)
            .trace(torch.from_numpy(x[None]), lam, 900)
            .codes[:, 0]
            .detach()
            .numpy()
            for name in ("ista", "fista")
        ]
        distances = [np.linalg.norm(path - best, axis=1) > 0.01 for path in ways]
        results["alike"].append(
            {
                "angle": angle,
                "x": x,
                "lam": lam,
                "best": best,
                "ways": [path[:60] for path in ways],
                "counts": [int(np.flatnonzero(is_far).max(initial=-1)) + 1 for is_far in distances],
            }
        )
    results["cells"] = list(map_cells(rng))
    return results | {"planes": _planes(), "unfolded": _unfolded()}


def _planes() -> list:
    """The two atoms that show why a weight is zero, and their planes, of three pictures."""
    planes = []
    for seed in range(3):
        rng = np.random.default_rng(20 + seed)
        B, x = rng.normal(size=(8, 12)).astype("<f4"), rng.normal(size=8).astype("<f4")
        lams = [0.1, 0.4, 0.9]
        codes = (
            lasso.path(torch.from_numpy(x[None]), torch.from_numpy(B), lams[0])
            .at_lambdas(lams)[:, 0]
            .numpy()
            .astype("<f4")
        )
        atoms = refitting.pair(x, codes[1], B)
        plane = refitting.plane(x, codes, B, atoms)
        planes.append(
            {
                "B": B,
                "x": x,
                "codes": [code.tolist() for code in codes],
                "atoms": list(atoms),
                "gram": plane.gram,
                "centres": plane.centres,
            }
        )
    return planes


def _unfolded() -> dict:
    """The terms of one atom by the core, of ISTA with gates of each kind and of SLSTM."""
    rng, lam, atom, steps = np.random.default_rng(30), 0.2, 3, 6
    B = lasso.normalised(torch.from_numpy(rng.normal(size=(7, 9)).astype("<f4")))
    x, m = torch.from_numpy(rng.normal(size=(1, 7)).astype("<f4")), np.array(momenta(steps))
    ista, slstm = solvers.build("ista", B), solvers.build("slstm", B, steps=steps)
    gates = np.stack((1 + m, 0 * m + 1.3)), np.stack((-m, 0 * m - 0.3))
    rows = dict(
        zip(
            ("momentum", "hand"),
            unfolded.of_gates(ista, x, lam, steps, atom, *gates, (False, True)),
            strict=True,
        )
    )
    graph, tau = export(slstm), float(ista.weights.matrices().step)
    return {
        "B": B.numpy(),
        "size": B.shape,
        "x": x.numpy(),
        "lam": lam,
        "tau": tau,
        "atom": atom,
        "momenta": m,
        "rows": rows,
        "network": unfolded.of_trace(slstm.trace(x, lam, steps), atom),
        "graph": graph.data,
        "texts": {parcel.name: parcel.text for parcel in graph.parcels},
    }


def iterations() -> list:
    """Iterations of six solvers as the core records them, and what numpy makes of their equations."""
    records, steps = [], 6
    for seed, name in enumerate(("ista", "fista", "adaptive-ista", "lista", "lfista", "slstm")):
        rng, lam = np.random.default_rng(seed), (0.05, 0.2, 0.4)[seed % 3]
        B = lasso.normalised(torch.from_numpy(rng.normal(size=(7, 9)).astype("<f4")))
        x = torch.from_numpy(rng.normal(size=(1, 7)).astype("<f4"))
        gates = {"input_gate": 1.5, "forget_gate": -0.4} if name == "adaptive-ista" else {}
        solver = solvers.build(name, B, steps=steps, **gates)
        learned = solver.traits.learned
        with torch.no_grad():
            for parameter in solver.parameters() if learned else ():
                noise = rng.normal(size=parameter.shape).astype("<f4")
                parameter += 0.05 * torch.from_numpy(noise)
        record = one_iteration.record(solver, x, lam, steps)
        graph, D = export(solver), solver.dictionary.detach().numpy().astype(float)
        centred, codes, tau = (
            x[0].numpy().astype(float),
            record["codes"],
            1 / np.linalg.norm(D, 2) ** 2,
        )
        cell, expected = np.zeros(9), []
        for t, m in enumerate(momenta(steps)):
            m, s = m if name == "fista" else 0.0, codes[t]
            point = s + m * (s - codes[max(t - 1, 0)])
            missing = centred - D @ point
            candidate = record["candidate"][t] if learned else point + tau * D.T @ missing
            cell = candidate
            if "input_gate" in record:
                last = expected[-1]["into"] if expected else np.zeros(9)
                cell = record["forget_gate"][t] * last + record["input_gate"][t] * candidate
            numbers = {"momentum": m, "point": point, "candidate": candidate, "into": cell}
            pushes = (
                {"push": candidate - point, "tau": None}
                if learned
                else {"push": D.T @ missing, "tau": tau}
            )
            theta = None if learned else lam * tau
            turns = m > 0 and (codes[t + 1] - point) @ (s - codes[t - 1]) < 0
            moves = np.abs(cell - (expected[-1]["into"] if expected else 0)).argmax()
            numbers |= {"turns": bool(turns), "moves": int(moves)}
            expected.append(
                numbers | pushes | {"theta": theta, "missing": missing, "code": codes[t + 1]}
            )
        records.append(
            {
                "record": {key: array.tolist() for key, array in record.items()}
                | {
                    "share": [
                        float(residual @ residual / (centred @ centred))
                        for residual in record["missing"]
                    ]
                },
                "wanted": expected,
                "B": B.numpy(),
                "size": B.shape,
                "own": not torch.equal(solver.dictionary, B),
                "x": x.numpy(),
                "lam": lam,
                "graph": graph.data,
                "texts": {parcel.name: parcel.text for parcel in graph.parcels},
            }
        )
    return records


def map_cells(rng: np.random.Generator):
    """Cells of the map of known codes, with who finds their codes: ℓ1 by the formula of approximate message passing, and
    least squares where a Gaussian support (d_x, k) has the rank k."""
    z = np.linspace(1e-3, 6, 20_001)
    tail = (1 + z**2) * stats.norm.cdf(-z) - z * stats.norm.pdf(z)
    for d_x, k, share in (
        (43, 13, 0.25),
        (43, 18, 0.125),
        (43, 44, 0.0),
        (70, 20, 1.0),
        (30, 12, 0.75),
        (9, 9, 0.0),
    ):
        theory = float(((1 - 200 / d_x * tail) / (1 + z**2 - 2 * tail)).max())
        support = bool(np.linalg.matrix_rank(rng.normal(size=(d_x, k))) == k)
        yield {
            "d_x": d_x,
            "k": k,
            "rho": k / d_x,
            "share": share,
            "theory": theory,
            "atoms": 100,
            "trials": 8,
            "finds": {"solver": share >= 0.5, "theory": k / d_x <= theory, "support": support},
        }


MODULES = (
    colour,
    decode,
    objective,
    activation,
    adaptive,
    percent,
    read,
    numbers,
    lowest,
    worded,
    counts,
    other,
    noise,
    ideas,
    iterations,
)

if __name__ == "__main__":
    json.dump({make.__name__: plain(make()) for make in MODULES}, sys.stdout, ensure_ascii=False)
