# %% [markdown]
# # A solver of your own, from nothing
#
# A solver is a recurrent cell: `drive` computes what stays fixed over the iterations, `start` is the first state, and `step`
# is one iteration. Everything else follows: a file with the class, named in `SC2VIZ_SOLVERS`, brings it to every page of the
# app, to the command line, to training and to checkpoints.
#
# The solver here is ISTA that goes on with a share β of its last move (Polyak 1964). β is learned, one number an iteration.

# %%
import tempfile
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn

from sc2viz import checkpoints, data, evaluation, lasso, solvers, training
from sc2viz.activations import shrink
from sc2viz.solvers import Solver, Tied, Traits


class Memory(NamedTuple):
    """What an iteration hands to the next one."""

    t: int
    codes: Tensor  # (n, d_s)
    previous: Tensor  # (n, d_s)


class Drive(NamedTuple):
    """What stays fixed over the iterations."""

    fixed: Tensor  # W_d x, (n, d_s)
    recurrent: Tensor  # W_eᵀ, (d_s, d_s)
    theta: Tensor  # λτ, () or (n, 1)


@solvers.register
class Polyak(Solver):
    name, label = "polyak", "Polyak"
    summary = "ISTA that goes on with a learned share of its last move."
    equation = (
        r"s^{(t)} = h_\theta\bigl(W_e\, s^{(t-1)} + W_d\, x + \beta_t (s^{(t-1)} - s^{(t-2)})\bigr)"
    )
    source = "Polyak 1964"
    traits = Traits(learned=True, untrained="equals ISTA", activation="shrinkage")

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(Tied(B), steps, classes)  # Tied: W_e = I − τBᵀB and W_d = τBᵀ follow B
        self.beta = nn.Parameter(B.new_zeros(steps))

    def drive(self, x: Tensor, lam: Tensor) -> Drive:  # λ is () or (n, 1)
        W = self.weights.matrices()
        return Drive(x @ W.W_d.T, W.W_e.T, lam * W.step)

    def start(self, x: Tensor) -> Memory:
        codes = x.new_zeros(len(x), self.dictionary.shape[1])
        return Memory(0, codes, codes)

    def step(self, state: Memory, drive: Drive) -> Memory:
        beta = self.beta[min(state.t, len(self.beta) - 1)]
        moved = beta * (state.codes - state.previous)
        return Memory(
            state.t + 1,
            self.h(drive.fixed + state.codes @ drive.recurrent + moved, drive),
            state.codes,
        )

    def h(self, c: Tensor, drive: Drive) -> Tensor:
        return shrink(c, drive.theta)


# %% [markdown]
# ## Untrained, it equals ISTA

# %%
B = checkpoints.load_dictionary("digits")
x = data.load("digits", split="test").pixels
polyak, ista = solvers.build("polyak", B), solvers.build("ista", B)
assert torch.allclose(polyak(x, 0.1), ista(x, 0.1), atol=1e-6)

# %% [markdown]
# ## Train it
#
# `training.fit` is a generator of events; every event has numbers of rows that are held out.

# %%
*_, event = training.fit(polyak, data.load("digits"), epochs=300, seed=0)
print(f"{event.step} steps, F {event.excess:.0f} % above the optimum on its own atoms")
print("β:", " ".join(f"{beta:.2f}" for beta in polyak.beta.tolist()))

# %% [markdown]
# ## How far it is from the optimum
#
# The distance is that of F with a solver's own atoms to the certified optimum on B, in % of the latter.

# %%
best = lasso.objective(x, lasso.solve(x, B, 0.1).codes, B, 0.1)
figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
reached = {}
for solver in (ista, solvers.build("fista", B), polyak):
    with torch.no_grad():
        trace, atoms = solver.trace(x, 0.1), solver.dictionary
    above = [evaluation.rank(x, codes, atoms, 0.1, best).item() for codes in trace.codes[1:]]
    reached[solver.label] = above[-1]
    axes.plot(range(1, len(above) + 1), above, marker="o", label=solver.label)
axes.set(xlabel="iteration", ylabel="F above the optimum, %", yscale="log")
axes.legend(frameon=False)
plt.show()

# %%
print({label: round(above, 2) for label, above in reached.items()})
assert reached["Polyak"] < reached["FISTA"] < reached["ISTA"]

# %% [markdown]
# ## Keep it
#
# A checkpoint holds numbers and a JSON header, nothing that could run.

# %%
with tempfile.TemporaryDirectory() as folder:
    file = checkpoints.save(polyak, Path(folder) / "polyak.safetensors", notes={"data": "digits"})
    again = checkpoints.load(file)
assert torch.equal(again(x, 0.1), polyak(x, 0.1))
