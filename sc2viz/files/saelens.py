"""Read a sparse autoencoder of the reader's in SAELens' layout: a .safetensors and, where there is one, its cfg.json.

    x' = x, scaled as the autoencoder asks;    z = (x' − b) W_enc + b_enc;    s = activation(z);    x' ≈ b + s W_dec

W_enc (d_x, d_s), W_dec (d_s, d_x), b_enc (d_s,), b_dec (d_x,) and, for JumpReLU, threshold (d_s,). The layout and its
settings are those of SAELens 3 to 6 (sae_lens/saes/*.py, loading/pretrained_sae_loaders.py). What a header claims is checked
before it takes memory, and a ValueError says in one line what is wrong.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load as from_bytes
from torch import Tensor

from sc2viz import lasso
from sc2viz.files import Refused, headers, reading
from sc2viz.solvers.topk_sae import keep_largest
from sc2viz.words import N_, _

WEIGHTS, CONFIG = "sae_weights.safetensors", "cfg.json"  # SAELens' names for the files of a folder
READ = ("standard", "topk", "jumprelu")  # the architectures that are read
# Tensors that belong to other architectures, and the words for those.
FOREIGN = {
    "W_gate": "gated",
    "r_mag": "gated",
    "b_mag": "gated",
    "b_gate": "gated",
    "W_skip": "skip transcoder",
    "W_enc_0": "cross-layer transcoder",
}
MOST_NUMBERS = 1 << 28  # of one matrix: a gigabyte in float32
MOST_CONFIG = 1 << 20  # bytes of a cfg.json
LAYER_NORM = 1e-5  # what SAELens adds to the standard deviation of a row
SCALED = {  # what `normalize_activations` may be, and what it does
    "none": "",
    "expected_average_only_in": N_(
        "All rows were scaled by one number to a mean norm of √d_x, as the autoencoder asks."
    ),
    "constant_norm_rescale": N_("Every row was scaled to the norm √d_x, as the autoencoder asks."),
    "layer_norm": N_(
        "Every row was brought to mean 0 and standard deviation 1, as the autoencoder asks."
    ),
}


class ReadAutoencoder(NamedTuple):
    """An autoencoder with atoms of norm 1: codes are those of the file times the norms of its decoder's rows.

    architecture  one of READ
    W             (d_x, d_s), and the bias c (d_s,), of z = (x' − b) W + c, before any norm is counted in
    D             (d_x, d_s), atoms of norm 1, or 0
    offset        b (d_x,)
    norms         (d_s,), those of the decoder's rows
    threshold     (d_s,) of JumpReLU
    k             of TopK
    by_norm       whether TopK chooses by z times the norms
    scaling       a key of SCALED
    notes         sentences that say what was done
    """

    architecture: str
    W: Tensor
    c: Tensor
    D: Tensor
    offset: Tensor
    norms: Tensor
    threshold: Tensor | None
    k: int | None
    by_norm: bool
    scaling: str
    notes: list[str]

    def scaled(self, x: Tensor, mean_norm: float) -> Tensor:
        """Return rows x (n, d_x) as the autoencoder sees them, x'. `mean_norm`: that of the rows of the whole file."""
        root = x.shape[1] ** 0.5
        if self.scaling == "expected_average_only_in":
            return x * (root / mean_norm if mean_norm > 0 else 1.0)
        if self.scaling == "constant_norm_rescale":
            return x * (root / x.norm(dim=1, keepdim=True).clamp_min(torch.finfo(x.dtype).tiny))
        if self.scaling == "layer_norm":
            x = x - x.mean(1, keepdim=True)
            return x / (x.std(1, keepdim=True) + LAYER_NORM)
        return x

    def encode(self, x: Tensor) -> Tensor:
        """Return codes ≥ 0 (n, d_s), for D, of scaled rows x' (n, d_x)."""
        z = torch.addmm(self.c, x - self.offset, self.W)
        if self.architecture == "topk":
            return torch.relu(
                keep_largest(z * self.norms, self.k)
                if self.by_norm
                else keep_largest(z, self.k) * self.norms
            )
        if self.architecture == "jumprelu":
            z = torch.where(z > self.threshold, z, 0)
        return torch.relu(z) * self.norms


def read(path: str | Path, k: int | None = None) -> ReadAutoencoder:
    """Read the autoencoder in a .safetensors, or in a folder as SAELens saves one. `k`: that of a TopK one whose file has no
    cfg.json.

    ValueError for another architecture (named), for tensors that are missing or do not fit each other, for numbers that are
    not finite, for settings that are not known here, and for damaged files.
    """
    path = Path(path).expanduser()
    path = path / WEIGHTS if path.is_dir() else path
    if not path.is_file():
        raise ValueError(
            f"{path} does not exist: give a .safetensors in SAELens' layout, or the folder of one"
        )
    config = path.with_name(CONFIG)
    settings = config.read_bytes() if config.is_file() else None
    return read_bytes(path.read_bytes(), path.name, settings, k)


def read_bytes(
    content: bytes, name: str, config: bytes | None = None, k: int | None = None
) -> ReadAutoencoder:
    """Read the autoencoder in the content of a .safetensors called `name`, and of its cfg.json, where there is one, as `read`
    does."""
    with reading(f"{CONFIG} is not a readable configuration", ": mend it, or move it away"):
        if config is not None and len(config) > MOST_CONFIG:
            raise ValueError(f"it has more than {MOST_CONFIG:,} bytes")
        settings = {} if config is None else json.loads(config.decode("utf-8"))
        if not isinstance(settings, dict):
            raise ValueError("it holds no names and values")
    with reading(f"{name} is not a readable .safetensors file"):
        return _build(content, name, settings, k)


def _architecture(config: dict[str, Any], shapes: dict[str, tuple[int, ...]], k: int | None) -> str:
    """Return the architecture, one of READ; raise `Refused` for any other, by its name."""
    foreign = next((name for key, name in FOREIGN.items() if key in shapes), "")
    architecture = foreign or str(config.get("architecture", ""))[:40]
    activation = config.get("activation_fn", config.get("activation_fn_str", "relu"))
    if architecture in ("", "standard") and str(activation).startswith("topk"):
        architecture = "topk"  # as SAELens before 4 called it
    if not architecture:
        architecture = "jumprelu" if "threshold" in shapes else "standard" if k is None else "topk"
    if architecture not in READ:
        raise Refused(
            f"the architecture {architecture} is not read here: give one of {', '.join(READ)}"
        )
    if architecture == "standard" and activation not in ("relu", None):
        raise Refused(
            f"the activation {str(activation)[:40]} is not read here: give a ReLU, TopK or JumpReLU autoencoder"
        )
    if config.get("hook_name_out") or config.get("d_out"):
        raise Refused(
            f"a transcoder is not read here: give an autoencoder, one of {', '.join(READ)}"
        )
    return architecture


def _check_shapes(shapes: dict[str, tuple[int, ...]], architecture: str, name: str) -> list[str]:
    """Return the names of the tensors to read; raise `Refused` unless all are there and their sizes fit each other and memory."""
    if len(shapes.get("W_enc", ())) != 2:
        listed = ", ".join(sorted(shapes)[:8]) or "nothing"
        raise Refused(
            f"{name} must hold W_enc (d_x, d_s), W_dec, b_enc and b_dec as SAELens saves them, but holds {listed[:200]}"
        )
    d_x, d_s = shapes["W_enc"]
    expected = {"W_enc": (d_x, d_s), "W_dec": (d_s, d_x), "b_enc": (d_s,), "b_dec": (d_x,)}
    if architecture == "jumprelu":
        expected["threshold"] = (d_s,)
    if "scaling_factor" in shapes:
        expected["scaling_factor"] = (d_s,)
    for key, shape in expected.items():
        if shapes.get(key) != shape:
            raise Refused(
                f"{key} in {name} must be {shape} to fit W_enc {(d_x, d_s)}, got {shapes.get(key, 'none')}"
            )
    if not 0 < d_x * d_s <= MOST_NUMBERS:
        raise Refused(f"W_enc in {name} may have 1 to {MOST_NUMBERS:,} numbers, got {d_x} × {d_s}")
    return list(expected)


def _build(content: bytes, name: str, config: dict[str, Any], k: int | None) -> ReadAutoencoder:
    """Return the autoencoder of a .safetensors and its settings."""
    entries = headers.entries(content)
    entries.pop("__metadata__", None)
    shapes = {key: tuple(entry["shape"]) for key, entry in entries.items()}
    architecture = _architecture(config, shapes, k)
    keys, stored = _check_shapes(shapes, architecture, name), from_bytes(content)
    tensors = {key: stored[key] for key in keys}
    for key, value in tensors.items():
        tensors[key] = value.float()
        if not value.is_floating_point() or not torch.isfinite(tensors[key]).all():
            raise Refused(
                f"{key} in {name} must be finite floats, got {value.dtype} with NaN or infinity, or none"
            )
    W, W_dec, c, b = (tensors[key] for key in ("W_enc", "W_dec", "b_enc", "b_dec"))
    norms = W_dec.norm(dim=1)
    has_norms = bool((norms - 1).abs().max() > 1e-3)
    notes = []
    if has_norms:
        sentence = _(
            "The decoder's rows have norms from {low:.3g} to {high:.3g}: codes are counted in units of atoms of "
            "norm 1.",
            low=norms.min().item(),
            high=norms.max().item(),
        )
        notes.append(sentence)
    if "scaling_factor" in tensors and (tensors["scaling_factor"] != 1).any():
        raise Refused(
            "a scaling_factor other than 1 is not read here: multiply the rows of W_dec by it, and leave it out"
        )
    scaling = str(config.get("normalize_activations", "none"))
    older = {"False": "none", "True": "expected_average_only_in", "None": "none"}
    scaling = older.get(scaling, scaling)
    if scaling not in SCALED:
        raise Refused(
            f"normalize_activations must be one of {', '.join(SCALED)}, got {scaling[:40]!r}"
        )
    notes += [_(SCALED[scaling])] if SCALED[scaling] else []
    if config.get("apply_b_dec_to_input", True) is False:
        c = c + b @ W  # z = x W + b_enc, whose x is (x − b) + b
    if architecture == "topk" and k is None:
        kwargs = config.get("activation_fn_kwargs")
        k = config.get("k", kwargs.get("k") if isinstance(kwargs, dict) else None)
    if architecture == "topk" and (type(k) is not int or not 1 <= k <= W.shape[1]):
        raise Refused(
            f"k of a TopK autoencoder must be a whole number from 1 to {W.shape[1]:,}, got {str(k)[:40]}: pass --k"
        )
    return ReadAutoencoder(
        architecture,
        W,
        c,
        lasso.normalised(W_dec.T.contiguous()),
        b,
        norms,
        tensors.get("threshold"),
        k,
        bool(config.get("rescale_acts_by_decoder_norm", False)) and has_norms,
        scaling,
        notes,
    )
