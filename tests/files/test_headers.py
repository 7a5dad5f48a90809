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
def test_a_tensor_that_is_there_twice_is_refused(tmp_path, reader):
    """One reader would take the first of two, another the last."""
    make, name, read = READERS[reader]
    content = make()
    read(content, tmp_path / "right.safetensors")
    said, numbers = parts_of(content)
    again = joined(
        f"{json.dumps(said)[:-1]}, {json.dumps(name)}: {json.dumps(said[name])}}}", numbers
    )
    with pytest.raises(ValueError, match=f"its header says {name} more than once"):
        read(again, tmp_path / "twice.safetensors")


@pytest.mark.parametrize("reader", READERS)
def test_complex_numbers_are_refused(tmp_path, reader):
    """Without a word their imaginary part would be lost."""
    make, name, read = READERS[reader]
    said, numbers = parts_of(make())
    for entry in said.values():
        if entry.get("dtype") == "F32" and len(entry["shape"]) == 2:
            entry["dtype"], entry["shape"] = "C64", [entry["shape"][0], entry["shape"][1] // 2]
    with pytest.raises(ValueError):
        read(joined(json.dumps(said), numbers), tmp_path / "complex.safetensors")


def test_a_header_that_says_an_option_twice_is_refused(tmp_path):
    said = f'{{"format": "{headers.FORMAT}", "kind": "solver", "kind": "dictionary"}}'
    with pytest.raises(ValueError, match="its header says kind more than once"):
        checkpoints.load_dictionary(written(tmp_path / "B", save({"B": B}, {"sc2viz": said})))
