"""What the header of a .safetensors may not say, whoever reads the file."""

import json
from collections.abc import Callable

import pytest
import torch
from safetensors.torch import save

from sc2viz import checkpoints, solvers
from sc2viz.files import dictionaries, headers, saelens

B = torch.rand(12, 20, generator=torch.Generator().manual_seed(0)) / 12
PARTS = {"W_enc": B, "W_dec": B.T.contiguous(), "b_enc": torch.zeros(20), "b_dec": torch.zeros(12)}


def written(path, content: bytes):
    path.write_bytes(content)
    return path


# By reader: a file that it takes, a tensor of that, and how it is read.
READERS: dict[str, tuple[Callable[[], bytes], str, Callable]] = {
    "dictionary": (lambda: save({"B": B}), "B", lambda content, path: dictionaries.dictionary(content)),
    "load_dictionary": (lambda: save({"B": B}, {"sc2viz": json.dumps({"format": headers.FORMAT, "kind": "dictionary"})}),
                        "B", lambda content, path: checkpoints.load_dictionary(written(path, content))),
    "load": (lambda: checkpoints.dump(solvers.build("lista", B)), "weights.B",
             lambda content, path: checkpoints.load(written(path, content))),
    "autoencoder": (lambda: save(PARTS), "W_enc", lambda content, path: saelens.read(written(path, content))),
    }  # fmt: skip


def parts_of(content: bytes) -> tuple[dict, bytes]:
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def joined(head: str, numbers: bytes) -> bytes:
    text = head.encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + numbers


@pytest.mark.parametrize("reader", READERS)
def test_complex_numbers_are_refused(tmp_path, reader):
    """Without a word their imaginary part would be lost."""
    make, name, read = READERS[reader]
    header, numbers = parts_of(make())
    for entry in header.values():
        if entry.get("dtype") == "F32" and len(entry["shape"]) == 2:
            entry["dtype"], entry["shape"] = "C64", [entry["shape"][0], entry["shape"][1] // 2]
    with pytest.raises(ValueError):
        read(joined(json.dumps(header), numbers), tmp_path / "complex.safetensors")


def test_a_header_may_be_as_long_as_the_limit_and_must_be_whole(monkeypatch):
    content = save({"B": B})
    length = int.from_bytes(content[:8], "little")
    monkeypatch.setattr(headers, "MAX_HEADER", length)
    assert headers.entries(content)["B"]["shape"] == [12, 20]
    for limit, size in ((length - 1, len(content)), (length, 7 + length)):
        monkeypatch.setattr(headers, "MAX_HEADER", limit)
        with pytest.raises(ValueError, match="cut off or too long"):
            headers.entries(content[:size])
