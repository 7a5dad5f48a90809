"""Autoencoders in SAELens' layout: their codes against the layout's own equations, and files that are refused."""

import json
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sc2viz.files import saelens

D_X, D_S = 12, 20


def tensors(seed=0, dtype=torch.float32):
    """W_enc, W_dec, b_enc, b_dec and threshold, with a decoder whose rows have other norms than 1."""
    draw = torch.Generator().manual_seed(seed)
    W_dec = torch.randn(D_S, D_X, generator=draw)
    parameters = {
        "W_enc": torch.randn(D_X, D_S, generator=draw),
        "W_dec": W_dec,
        "b_enc": 0.3 * torch.randn(D_S, generator=draw),
        "b_dec": torch.randn(D_X, generator=draw),
        "threshold": torch.rand(D_S, generator=draw),
    }
    return {key: value.to(dtype) for key, value in parameters.items()}


@pytest.fixture
def saved(tmp_path):
    """Write a folder as SAELens does."""

    def write(config=None, leave_out=("threshold",), **changed):
        contents = {
            key: value for key, value in {**tensors(), **changed}.items() if key not in leave_out
        }
        save_file(contents, tmp_path / saelens.WEIGHTS)
        if config is not None:
            (tmp_path / saelens.CONFIG).write_text(
                config if isinstance(config, str) else json.dumps(config)
            )
        return tmp_path

    return write


@pytest.fixture(params=["from its folder", "from memory"])
def read(request):
    """Both ways to read the files of a folder."""

    def from_memory(folder, k=None):
        config = folder / saelens.CONFIG
        config_content = config.read_bytes() if config.exists() else None
        return saelens.read_bytes(
            (folder / saelens.WEIGHTS).read_bytes(), saelens.WEIGHTS, config_content, k
        )

    return from_memory if request.param == "from memory" else saelens.read


def reconstructed(x, config, k=4):
    """SAELens' forward pass written out in numpy: rows as they are seen, and their reconstruction."""
    P = {key: value.double().numpy() for key, value in tensors().items()}
    x = x.double().numpy()
    scaling = config.get("normalize_activations", "none")
    if scaling == "constant_norm_rescale":
        x = x * D_X**0.5 / np.linalg.norm(x, axis=1, keepdims=True)
    elif scaling == "layer_norm":
        x = x - x.mean(1, keepdims=True)
        x = x / (x.std(1, ddof=1, keepdims=True) + 1e-5)
    elif scaling in ("expected_average_only_in", True):
        x = x * D_X**0.5 / np.linalg.norm(x, axis=1).mean()
    z = (x - P["b_dec"] * config.get("apply_b_dec_to_input", True)) @ P["W_enc"] + P["b_enc"]
    norms = np.linalg.norm(P["W_dec"], axis=1)
    if config.get("architecture") == "jumprelu":
        s = np.maximum(z, 0) * (z > P["threshold"])
    elif config.get("architecture") == "topk" or config.get("activation_fn_str") == "topk":
        scaled = z * norms if config.get("rescale_acts_by_decoder_norm") else z
        s = np.maximum(z, 0) * (scaled >= np.sort(scaled, 1)[:, [-k]])
    else:
        s = np.maximum(z, 0)
    return x, s @ P["W_dec"] + P["b_dec"], s * norms


CONFIGS = [
    {},
    {"architecture": "standard", "normalize_activations": "constant_norm_rescale"},
    {
        "architecture": "standard",
        "normalize_activations": "layer_norm",
        "apply_b_dec_to_input": False,
    },
    {"normalize_activations": True, "activation_fn_str": "relu"},
    {"architecture": "topk", "k": 4},
    {"architecture": "topk", "k": 4, "rescale_acts_by_decoder_norm": True},
    {"activation_fn_str": "topk", "activation_fn_kwargs": {"k": 4}},
    {"architecture": "jumprelu", "normalize_activations": "none", "apply_b_dec_to_input": False},
]


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_codes_and_reconstructions_are_those_of_the_layout(saved, read, config):
    leave_out = () if config.get("architecture") == "jumprelu" else ("threshold",)
    model = read(saved(config, leave_out))
    x = 2 * torch.randn(9, D_X, generator=torch.Generator().manual_seed(1))
    inputs, reconstruction, codes = reconstructed(x, config)
    scaled = model.scaled(x, x.norm(dim=1).mean().item())
    encoded = model.encode(scaled)
    np.testing.assert_allclose(scaled, inputs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(encoded, codes, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        model.offset + encoded @ model.D.T, reconstruction, rtol=1e-4, atol=1e-4
    )
    torch.testing.assert_close(model.D.norm(dim=0), torch.ones(D_S))
    assert (encoded >= 0).all() and any("norms" in note for note in model.notes)
    is_scaled = config.get("normalize_activations", "none") != "none"
    assert any("as the autoencoder asks" in note for note in model.notes) == is_scaled


def test_without_a_configuration_the_tensors_say_what_it_is(saved):
    assert saelens.read(saved() / saelens.WEIGHTS).architecture == "standard"
    assert saelens.read(saved(), k=3).architecture == "topk"
    assert saelens.read(saved(leave_out=())).architecture == "jumprelu"


def test_halves_are_widened(saved):
    folder = saved(**tensors(dtype=torch.bfloat16))
    assert saelens.read(folder).W.dtype == torch.float32


REFUSED = [
    (
        {"architecture": "gated"},
        {},
        "the architecture gated is not read here: give one of standard, topk, jumprelu",
    ),
    (
        {"architecture": "matryoshka_batchtopk"},
        {},
        "the architecture matryoshka_batchtopk is not read here",
    ),
    ({"architecture": ["gated"]}, {}, r"the architecture \['gated'\] is not read here"),
    (None, {"W_gate": torch.zeros(2)}, "the architecture gated is not read here"),
    (
        {"architecture": "standard", "activation_fn_str": "tanh-relu"},
        {},
        "the activation tanh-relu is not read here",
    ),
    ({"architecture": "standard", "hook_name_out": "mlp"}, {}, "a transcoder is not read here"),
    (
        {"normalize_activations": "unit"},
        {},
        "normalize_activations must be one of none, .* got 'unit'",
    ),
    ({"normalize_activations": {"a": 1}}, {}, "normalize_activations must be one of none"),
    (
        {"architecture": "topk"},
        {},
        "k of a TopK autoencoder must be a whole number from 1 to 20, got None: pass --k",
    ),
    ({"architecture": "topk", "k": 21}, {}, "must be a whole number from 1 to 20, got 21"),
    (
        {"architecture": "jumprelu"},
        {},
        r"threshold in .* must be \(20,\) to fit W_enc \(12, 20\), got none",
    ),
    (
        {},
        {"W_dec": torch.zeros(12, 20)},
        r"W_dec in .* must be \(20, 12\) to fit W_enc \(12, 20\), got \(12, 20\)",
    ),
    ({}, {"b_dec": torch.full((12,), torch.nan)}, "b_dec in .* must be finite floats"),
    (
        {},
        {"b_enc": torch.zeros(20, dtype=torch.int64)},
        "b_enc in .* must be finite floats, got torch.int64",
    ),
    (
        {},
        {"scaling_factor": torch.full((20,), 2.0)},
        "a scaling_factor other than 1 is not read here",
    ),
    ("{", {}, "cfg.json is not a readable configuration"),
    ("[1]", {}, "it holds no names and values"),
    ("[" * 100_000, {}, "cfg.json is not a readable configuration"),
]


@pytest.mark.parametrize(("config", "changed", "message"), REFUSED)
def test_what_is_not_read_is_named_in_one_line(saved, read, config, changed, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(saved(config, **changed))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_damaged_files_are_refused(saved, read, tmp_path):
    content = (saved() / saelens.WEIGHTS).read_bytes()
    for length in (0, 5, 8, 60, len(content) // 2, len(content) - 1):
        (tmp_path / saelens.WEIGHTS).write_bytes(content[:length])
        with pytest.raises(ValueError, match="not a readable .safetensors file"):
            read(tmp_path)


def test_sizes_are_checked_before_anything_is_allocated(tmp_path, monkeypatch):
    """A header may claim any shape; one beyond the limit is refused by its claim alone."""
    monkeypatch.setattr(saelens, "MOST_NUMBERS", D_X * D_S - 1)
    save_file(tensors(), tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match="may have 1 to 239 numbers, got 12 × 20"):
        saelens.read(tmp_path / "a.safetensors")
    claimed = {"W_enc": {"dtype": "F32", "shape": [1 << 40, 1 << 20], "data_offsets": [0, 8]}}
    head = json.dumps(claimed).encode()
    (tmp_path / "b.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(8))
    with pytest.raises(ValueError, match="W_dec in b.safetensors must be"):
        saelens.read(tmp_path / "b.safetensors")
