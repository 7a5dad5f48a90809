"""What sparse autoencoders share: a decoder, an offset of x, and a matrix and a bias that make a code in one step.

    z = W (x − b) + c,    s = the encoder's activation of z, ≥ 0,    x ≈ b + D s

W starts at τDᵀ with τ = 1/‖D‖₂², and c and the offset b start at 0: an untrained encoder takes the first step of an
iteration from s = 0. Every training step scales the atoms to norm 1. (Released code also takes the part along an atom out of
its gradient, which moves an atom alike but for Adam's second moments.)
"""

from typing import Any

import torch
from torch import Tensor, nn

from sc2viz import lasso
from sc2viz.solvers.interface import Solver, State, Tied, step_size
from sc2viz.solvers.weights import Matrices, Weights

DECODER = ("weights.B", "offset")  # what learns at the rate of the atoms


class Decoder(Tied):
    """The atoms D alone, with ISTA's matrices of them. Training keeps them at norm 1."""

    def project_(self) -> None:
        """Scale every atom to norm 1, in place; an atom of zeros stays."""
        self.B.data.copy_(lasso.normalised(self.B.data))


class Encoding(Decoder):
    """The decoder's atoms, the matrix W (d_s, d_x) and the bias c (d_s,). No code is fed back, so that W_e is 0."""

    def __init__(self, B: Tensor):
        super().__init__(B)
        self.register_buffer("tau", step_size(B))
        self.W = nn.Parameter((self.tau * B.T).contiguous())
        self.c = nn.Parameter(B.new_zeros(B.shape[1]))

    def matrices(self) -> Matrices:
        """Return W as W_d, and zeros as W_e, because no code is fed back."""
        return Matrices(self.B.new_zeros(self.B.shape[1], self.B.shape[1]), self.W, self.tau)


class Autoencoder(Solver):
    """A solver with an offset b, which is learned with the atoms, and a loss of its own (`cost`)."""

    def __init__(self, weights: Weights, steps: int, classes: int | None):
        super().__init__(weights, steps, classes)
        self.offset = nn.Parameter(self.dictionary.new_zeros(len(self.dictionary)))

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return the decoder's atoms and the offset as one group of atoms, and all other parameters as another."""
        decoder = [self.weights.B, self.offset]
        encoder = [weight for name, weight in self.named_parameters() if name not in DECODER]
        return [{"params": decoder, "atoms": True}, *([{"params": encoder}] if encoder else [])]

    def fit(self, x: Tensor, codes: Tensor) -> Tensor:
        """Return how far codes (n, d_s) miss rows x (n, d_x), ½‖x − b − D s‖² of each: (n,); nothing is trained."""
        return 0.5 * (self.centred(x) - codes @ self.dictionary.T).square().sum(1)

    def cost(self, x: Tensor, lam: Tensor) -> Tensor:
        """Return the loss that its source trains it on, for rows x (n, d_x) and λ, () or (n, 1): (n,)."""
        raise NotImplementedError


class Encoder(Autoencoder):
    """An autoencoder of one step: its `drive` is the code, and every iteration returns it."""

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(Encoding(B), steps, classes)

    def preactivation(self, x: Tensor) -> Tensor:
        """Return z = W (x − b) + c of rows x (n, d_x): (n, d_s)."""
        return torch.addmm(self.weights.c, self.centred(x), self.weights.W.T)

    def step(self, state: State, drive: Tensor) -> State:
        """Return the codes that `drive` holds, whatever the state."""
        return State(state.t + 1, drive)
