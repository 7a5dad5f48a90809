"""Dictionary learning: compute exact codes, then update the atoms one at a time (Mairal et al. 2010).

    min over B, s:   Σ_i ½‖x_i − B s_i‖² + λ‖s_i‖₁,    ‖b_j‖ ≤ 1                                  (Eq. 2, with ½)

`lasso.solve` codes each batch. The running sums P = Σ s sᵀ and Q = Σ x sᵀ give earlier batches less and less weight. Each
atom moves to its optimum given the others, b_j ← b_j + (q_j − B p_j)/P_jj, and is projected onto the unit ball.

With `lam=None` one dictionary is learned for every λ, as in `training.fit`: a λ is drawn for every sample, and the sums
over samples are weighted (`losses.draw_lambda`).

With `positive_codes` s ≥ 0, as in sparse autoencoders, and atoms have any signs. With `positive` both are non-negative,
s ≥ 0 and b_j ≥ 0 (Hoyer 2002): nothing can be taken away again, so that atoms are parts. Each atom then moves to its optimum
in the part of the unit ball where no entry is negative.

With a `mask` the squares are summed over the observed entries alone. The sums then take the reconstruction B s in the place
of a missing entry. What is minimised is thereby an upper bound of that objective which touches it at the current atoms, so
that an update lowers both (Hunter & Lange 2004).

That is the rule "online". The rule "cross-fitted" finds the atoms that rows were made of, also where there are few rows an
atom. F alone does not lead to them there, because atoms that each remember a row have a lower F than the true ones:

- The sums hold each row's newest codes. Before a batch is coded, its own codes leave the sums and the atoms are updated, so
  that each row is coded by atoms that were fitted to other rows. What remembers one row helps no other.
- The first atoms are noise: rows would be mixtures of atoms from which learning does not come away.
- λ falls from SPREAD times the one asked for, because a large λ draws atoms away from the true ones.
- Atoms have norm one. At intervals noise replaces each atom that no row uses, and the less used of two whose |cosine| is
  above TWINS: one is often the other plus an atom that many rows have.
"""

import hashlib
import math
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sc2viz import arguments, checkpoints, data, lasso
from sc2viz.training import losses

MEMORY = 0.01  # P and Q average over about this share of the samples seen so far
LEAST_MEMORY = 10  # samples per atom over which P and Q average at least
PLATEAU_EPOCHS = 3  # epochs over whose mean improvement it is decided whether learning stops
CODES_TOL = 1e-3  # relative duality gap of the codes that the atoms are fitted to
CONVERGED = 2e-4  # `tol` of a dictionary that is learned to convergence
RULES = ("online", "cross-fitted")
FOLDS = 10  # "cross-fitted" learns from at least so many batches an epoch, because what is coded is left out of the sums
SPREAD = 10 / 3  # λ of the first epoch over that of the last ones
FALLING = 0.9  # λ falls over this share of the epochs,
REPLACING = 0.67  # and atoms are replaced in this share of them,
INTERVAL = 10  # every so many epochs,
REPLACED = 0.1  # at most this share of the atoms at once
TWINS = 0.6  # the |cosine| of two atoms above which one of them is replaced; random ones of 47 numbers have .45 at most
DEAD = 1e-6  # an atom is replaced if the sum of its squared codes is below this share of the mean over the atoms


class Progress(NamedTuple):
    """The state after one epoch: B (d_x, d_s), and the mean objective of exact codes on held-out rows.

    The mean is weighted if the dictionary is for every λ. With the rule "cross-fitted" it is the mean over all rows, each
    coded by atoms that were fitted to others, at the λ of that epoch.
    """

    epoch: int
    objective: float
    dictionary: Tensor
    learner: "Learner | None" = None  # what goes on learning


class Batch(NamedTuple):
    """The state after one batch, or before the first one."""

    epochs: float  # epochs that are done, a fraction
    samples: int  # training rows that were seen, repeats counted
    objective: float  # the batch's mean F of exact codes on the atoms before they moved; nan before the first batch
    dictionary: Tensor  # (d_x, d_s), which learning goes on changing: clone it to keep it
    replaced: int = 0  # atoms that were replaced by noise until now; of the rule "cross-fitted"


def learning(
    x: Tensor,
    n_atoms: int = 100,
    lam: float | None = 0.1,
    *,
    seed: int = 0,
    tol: float = 1e-3,
    max_epochs: int = 100,
    batch_size: int = 250,
    positive: bool = False,
    positive_codes: bool = False,
    mask: Tensor | None = None,
    rule: str = "online",
    report: Callable[[Batch], None] = lambda batch: None,
) -> Iterator[Progress]:
    """Learn a dictionary as `learn` does, and yield the progress after each epoch.

    `report` is called before the first batch and after each one; what it raises ends the learning.
    """
    x = _checked(x, mask, positive)
    arguments.whole_number("n_atoms", n_atoms)
    arguments.whole_number("max_epochs", max_epochs)
    arguments.whole_number("batch_size", batch_size)
    if lam is not None:
        arguments.positive("lam", lam)
    if len(x) < 2:
        raise ValueError(f"x must hold at least two rows, (n, d_x), got {tuple(x.shape)}")
    arguments.seed(seed)
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}, got {rule!r}")
    generator = torch.Generator().manual_seed(int(seed))
    if rule == "cross-fitted":
        halves = CrossFitted(x, n_atoms, lam, generator, positive, positive_codes, mask)
        yield from halves.learning(max_epochs, batch_size, report)
        return
    order, size = torch.randperm(len(x), generator=generator), min(-(-len(x) // 10), 2000)
    held_out, training = order[:size], order[size:]
    options = lam, generator, positive, positive_codes
    learner = Learner(x[training], n_atoms, *options, _rows_of(mask, training))
    history, observed = [], _rows_of(mask, held_out)
    lams, weight = learner.draw_lambda(size)
    report(Batch(0.0, 0, math.nan, learner.B))
    for epoch in range(max_epochs):
        for rows in training[torch.randperm(len(training), generator=generator)].split(batch_size):
            cost = learner.update(x[rows], _rows_of(mask, rows))
            report(Batch(learner.seen / len(training), learner.seen, cost, learner.B))
        problem = x[held_out], learner.B, lams
        codes = lasso.solve(
            *problem, tol=CODES_TOL / 10, positive=learner.positive_codes, mask=observed
        ).codes
        objective = learner.mean_objective(x[held_out], codes, lams, weight, observed)
        yield Progress(epoch, objective, learner.B.clone(), learner)
        history.append(objective)
        if epoch >= PLATEAU_EPOCHS:
            gain = history[-1 - PLATEAU_EPOCHS] - objective
            if gain < PLATEAU_EPOCHS * tol * objective:
                return


@wraps(learning, assigned=())  # Its parameters are those of `learning`.
def learn(*data: Any, **options: Any) -> Tensor:
    """Learn a dictionary (d_x, n_atoms) for x (n, d_x), with columns in the unit ball.

    A tenth of the rows, at most 2,000, are held out. Learning stops when their mean objective improves by less than the
    share `tol` per epoch, averaged over the last `PLATEAU_EPOCHS` epochs. `positive_codes`: the codes are ≥ 0. `positive`:
    both the codes and the atoms are. `mask` (n, d_x) bool, True where x was observed: x elsewhere is ignored. Raises
    ValueError for a wrong shape, λ, rule or number of atoms, and for entries of x below zero with `positive`.

    `rule`: one of `RULES`, see above. "cross-fitted" learns from all rows for `max_epochs`, over which λ falls, whatever
    `tol` is: it needs some 100 epochs for 100 atoms and 300 for 1,000. Atoms of norm one are returned.

    >>> from sc2viz import data, dictionary
    >>> B = dictionary.learn(data.load("digits").pixels[:200], n_atoms=16, lam=0.1, max_epochs=2)
    >>> B.shape, bool((B.norm(dim=0) <= 1 + 1e-6).all())
    (torch.Size([64, 16]), True)
    """
    *_, last = learning(*data, **options)
    return last.dictionary


def first_atoms(x: Tensor, n_atoms: int, start: str, seed: int = 0) -> Tensor:
    """Return atoms of norm 1, (d_x, n_atoms), from which a network may start: "pictures", random rows of x (n, d_x), or "noise".

    Raises ValueError for fewer rows than atoms.
    """
    generator = torch.Generator().manual_seed(seed)
    if start == "noise":
        shape = x.shape[1], n_atoms
        return lasso.normalised(torch.randn(shape, generator=generator, dtype=torch.float32))
    if len(x) < n_atoms:
        raise ValueError(
            f"x has {len(x)} training rows: choose at most as many atoms, or other initial atoms"
        )
    rows = torch.randperm(len(x), generator=generator)[:n_atoms]
    return lasso.normalised(x[rows].T.contiguous())


def draw_rows(x: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Return n random rows of x (n', d_x) that are not zero, or all where there are fewer."""
    rows = x[x.norm(dim=1) > 0]
    return rows[torch.randperm(len(rows), generator=generator)[:n]]


class Learner:
    """A dictionary that learns from one batch after another: its atoms B (d_x, n_atoms) and the running sums P and Q.

    The atoms begin as rows of x (n, d_x), where a missing entry has the mean of its column. ValueError for rows that no
    dictionary could be learned from.
    """

    def __init__(
        self,
        x: Tensor,
        n_atoms: int,
        lam: float | None,
        generator: torch.Generator,
        positive: bool = False,
        positive_codes: bool = False,
        mask: Tensor | None = None,
    ):
        filled = _checked(x, mask, positive)
        if mask is not None:
            filled = torch.where(mask, filled, filled.sum(0) / mask.sum(0).clamp_min(1))
        self.lam, self.generator, self.seen, self.mask = lam, generator, 0, mask
        self.positive, self.positive_codes = positive, positive_codes or positive
        self.start(filled, n_atoms)

    def start(self, x: Tensor, n_atoms: int) -> None:
        """Begin with rows of x (n, d_x), which has no missing entries, as atoms."""
        self.B = self.pick(x, n_atoms)
        self.P, self.Q = x.new_zeros(n_atoms, n_atoms), x.new_zeros(x.shape[1], n_atoms)

    def update(self, x: Tensor, mask: Tensor | None = None) -> float:
        """Code x (n, d_x), and move the atoms; return the mean F of the codes on the atoms before they moved."""
        x, B = _checked(x, mask, self.positive), self.B
        self.seen += len(x)
        lam, weight = self.draw_lambda(len(x))
        codes = lasso.solve(x, B, lam, tol=CODES_TOL, positive=self.positive_codes, mask=mask).codes
        cost = self.mean_objective(x, codes, lam, weight, mask)
        if mask is not None:
            x = torch.where(mask, x, codes @ B.T)
        keep = max(0.0, 1 - len(x) / max(LEAST_MEMORY * len(self.P), MEMORY * self.seen))
        weighted = codes if weight is None else weight[:, None] * codes
        self.P, self.Q = keep * self.P + codes.T @ weighted, keep * self.Q + x.T @ weighted
        update_atoms_(B, self.P, self.Q, self.positive)
        usage = self.P.diagonal()
        dead = (usage < DEAD * usage.mean()).nonzero()[:, 0]
        if len(dead) and usage.sum() > 0:  # rows take the place of atoms that no sample uses
            B[:, dead] = self.pick(x, len(dead))
            self.P[dead], self.P[:, dead], self.Q[:, dead] = 0, 0, 0
        return cost

    def pick(self, x: Tensor, n: int) -> Tensor:
        """Return n columns of norm 1: random rows of x that are not zero, and noise if there are fewer than n of them."""
        rows = draw_rows(x, n, self.generator)
        shape = n - len(rows), x.shape[1]
        noise = torch.randn(shape, generator=self.generator, dtype=torch.float32).to(x)
        noise = noise.abs() if self.positive else noise
        return lasso.normalised(torch.cat((rows, noise)).T.contiguous())

    def draw_lambda(self, n: int) -> tuple[float | Tensor, Tensor | None]:
        """Return the λ and the weights of n samples: `lam` and no weights, or a λ and a weight drawn for each sample."""
        if self.lam is not None:
            return self.lam, None
        shares = torch.rand(n, generator=self.generator, dtype=torch.float32)
        lams, weight = losses.draw_lambda(shares)
        return lams.to(self.B), weight.to(self.B)

    def mean_objective(
        self,
        x: Tensor,
        codes: Tensor,
        lam: float | Tensor,
        weight: Tensor | None,
        mask: Tensor | None,
    ) -> float:
        """Return the mean F of codes (n, d_s) of x (n, d_x) on the atoms, with the `weight` (n,) of each row where it is
        given."""
        objectives = lasso.objective(x, codes, self.B, lam, mask=mask)
        return (objectives if weight is None else weight * objectives).mean().item()


class CrossFitted(Learner):
    """A dictionary that codes each of its rows by atoms that were fitted to the other rows.

    It keeps x (n, d_x), where a missing entry has its reconstruction, and the newest codes (n, n_atoms), on the CPU.
    `update` goes on learning from other rows, as `Learner` does.
    """

    def start(self, x: Tensor, n_atoms: int) -> None:
        """Begin with atoms of noise and codes of zeros for all rows of x (n, d_x); unlike `Learner`'s, no atom is a row, and all
        is kept on the CPU."""
        super().start(x, n_atoms)
        self.device, self.x = x.device, x.cpu().clone()
        self.mask = None if self.mask is None else self.mask.cpu()
        self.B, self.P, self.Q = self.noise(n_atoms), self.P.cpu(), self.Q.cpu()
        self.codes, self.weights = self.x.new_zeros(len(x), n_atoms), self.x.new_ones(len(x), 1)
        self.replaced = 0

    def noise(self, n: int) -> Tensor:
        """Return n atoms of norm one in random directions, (d_x, n), with no entry below zero if `positive`."""
        noise = torch.randn(self.x.shape[1], n, generator=self.generator).to(self.x)
        return lasso.normalised(noise.abs() if self.positive else noise)

    def add(self, rows: Tensor, sign: int = 1) -> None:
        """Add what the rows (m,) contribute to the sums, or take it away with the sign −1."""
        codes = self.codes[rows]
        weighted = sign * self.weights[rows] * codes
        self.P += codes.T @ weighted
        self.Q += self.x[rows].T @ weighted

    def code(self, rows: Tensor, spread: float) -> float:
        """Fit the atoms to all rows but these (m,), and code these at spread·λ; returns the mean F of their codes."""
        from sc2viz.exact import warm  # here: numba takes a third of a second to import

        self.add(rows, -1)
        usage = self.P.diagonal()
        usage[usage < DEAD * usage.mean()] = 0  # what rounding leaves of unused atoms
        self.B = warm.updated(self.B, self.P, self.Q, self.positive)
        lam, weight = self.draw_lambda(len(rows))
        lams = lasso.as_lambda(lam, self.x[rows]).expand(len(rows), 1)[:, 0] * spread
        x, codes = self.x[rows], self.codes[rows]
        if self.mask is not None:
            x = self.x[rows] = torch.where(self.mask[rows], x, codes @ self.B.T)
        warm.improve_(codes, x, self.B, lams, self.positive_codes)
        self.codes[rows], self.seen = codes, self.seen + len(rows)
        if weight is not None:
            self.weights[rows] = weight[:, None]
        self.add(rows)
        return self.mean_objective(x, codes, lams, weight, _rows_of(self.mask, rows))

    def restart(self) -> None:
        """Replace by noise each atom that no row uses, and the less used one of atoms that are nearly alike."""
        usage, cosines = self.P.diagonal().clone(), (self.B.T @ self.B).abs().fill_diagonal_(0)
        gone = (usage < DEAD * usage.mean()).nonzero()[:, 0].tolist()
        cosines[gone], cosines[:, gone] = 0, 0
        while len(gone) < REPLACED * len(usage) and cosines.max() > TWINS:
            pair = divmod(int(cosines.argmax()), len(usage))
            gone.append(min(pair, key=lambda atom: usage[atom].item()))
            cosines[gone[-1]], cosines[:, gone[-1]] = 0, 0
        self.B[:, gone], self.codes[:, gone] = self.noise(len(gone)), 0
        self.replaced += len(gone)

    def learning(
        self, epochs: int, batch_size: int, report: Callable[[Batch], None]
    ) -> Iterator[Progress]:
        """Learn from the rows for so many epochs, and yield the progress after each."""
        n, size = len(self.x), min(batch_size, -(-len(self.x) // FOLDS))
        report(Batch(0.0, 0, math.nan, self.B))
        for epoch in range(epochs):
            spread, total = SPREAD ** max(0.0, 1 - epoch / max(FALLING * epochs - 1, 1)), 0.0
            for rows in torch.randperm(n, generator=self.generator).split(size):
                cost = self.code(rows, spread)
                total += cost * len(rows)
                report(Batch(self.seen / n, self.seen, cost, self.B, self.replaced))
            if epoch % INTERVAL == INTERVAL - 1 and epoch < REPLACING * epochs:
                self.restart()
            # The sums are computed afresh, because rounding adds up.
            weighted = self.weights * self.codes
            self.P, self.Q = self.codes.T @ weighted, self.x.T @ weighted
            yield Progress(epoch, total / n, self.B.clone().to(self.device), self)


def _checked(x: Tensor, mask: Tensor | None, positive: bool) -> Tensor:
    """Return x with zeros where `mask` is False; ValueError unless it is a table that suits them."""
    arguments.floats("x", x)
    if x.ndim != 2 or not len(x):
        raise ValueError(f"x must hold at least two rows, (n, d_x), got {tuple(x.shape)}")
    if mask is not None:
        lasso.check_mask(x, mask)
        x = x.masked_fill(~mask, 0)
    if positive and (x < 0).any():
        raise ValueError(
            f"x must be ≥ 0 with positive=True, got {x.min():g}: sums of non-negative atoms are not negative"
        )
    return x


def _rows_of(mask: Tensor | None, rows: Tensor) -> Tensor | None:
    """Return the rows `rows` of a mask (n, d_x), or None where there is none."""
    return None if mask is None else mask[rows]


def converged(
    images: data.Images,
    n_atoms: int = 100,
    lam: float | None = 0.1,
    *,
    seed: int = 0,
    tol: float = CONVERGED,
    max_epochs: int = 100,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Tensor:
    """Learn a dictionary to convergence, or load it from the user's cache, whose file name holds every setting.

    `report` is called with the progress after each epoch.
    """
    every = f"every-{losses.TILT}" if lam is None else f"{float(lam)}"
    name = f"{images.name}-{digest(images.pixels)}-{n_atoms}-{every}-{seed}-{tol}-{max_epochs}.safetensors"
    path = data.cache_dir() / "dictionaries" / name
    if not path.exists():
        for progress in learning(
            images.pixels, n_atoms, lam, seed=seed, tol=tol, max_epochs=max_epochs
        ):
            report(progress)
        notes = {"data": images.name, "rows": len(images), "n_atoms": n_atoms, "lam": lam}
        notes |= {"seed": seed, "tol": tol, "epochs": progress.epoch + 1}
        checkpoints.save_dictionary(progress.dictionary, path, notes)
    return checkpoints.load_dictionary(path)


def digest(B: Tensor) -> str:
    """Return a short hash, 12 hexadecimal digits, of the numbers of a matrix."""
    return hashlib.sha256(B.detach().cpu().contiguous().numpy().data).hexdigest()[:12]


def update_atoms_(B: Tensor, P: Tensor, Q: Tensor, positive: bool = False) -> None:
    """Update each atom of B (d_x, d_s) in place to its minimum within the unit ball, with the other atoms fixed.

    `positive`: within the part of the ball where no entry is negative, onto which one projects by cutting off what is
    negative and then scaling, because that part is the intersection of a cone and a ball around its tip.
    """
    for j in (P.diagonal() > 0).nonzero()[:, 0].tolist():
        atom = B[:, j] + (Q[:, j] - B @ P[:, j]) / P[j, j]
        if positive:
            atom.clamp_(min=0)
        B[:, j] = atom / atom.norm().clamp_min(1)
