"""Files of every format, cut short and with bytes flipped: each is read, or refused by a ValueError that names it.

The places are fixed: cuts lie evenly over a file, every one of its first HEAD bytes is flipped, and CHANCE further bytes
are changed, drawn with SEED.
"""

import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from sc2viz import checkpoints, data, solvers
from sc2viz.files import dictionaries, pictures
from sc2viz.files.rows import open_rows
from sc2viz.photographs import files

SEED, CUTS, HEAD, CHANCE = 0, 24, 64, 60
RNG = np.random.default_rng(SEED)
DEEP = RNG.integers(0, 65536, (20, 18, 4)).astype(np.uint16)
COLOUR = (DEEP[..., :3] // 257).astype(np.uint8)
ROWS = {
    "x_train": COLOUR,
    "y_train": np.arange(20) % 3,
    "x_test": COLOUR[:3],
    "y_test": np.arange(3),
}
MATRIX = torch.from_numpy(RNG.standard_normal((6, 9)) / 4).float()

# A name → what writes a file of that name.
PHOTOGRAPHS: dict[str, Callable] = {
    "grey.png": lambda path: Image.fromarray(COLOUR[..., 0]).save(path),
    "sixteen.png": lambda path: Image.fromarray(DEEP[..., 0]).save(path),
    "palette.png": lambda path: Image.fromarray(COLOUR).convert("P").save(path, transparency=0),
    "colour.jpg": lambda path: Image.fromarray(COLOUR).save(path),
    "progressive.jpeg": lambda path: (
        Image.fromarray(COLOUR).convert("CMYK").save(path, progressive=True)
    ),
    "alpha.webp": lambda path: Image.fromarray((DEEP // 257).astype(np.uint8)).save(
        path, lossless=True
    ),
    "eight.tif": lambda path: Image.fromarray(COLOUR).save(path, compression="tiff_lzw"),
    "grey.tif": lambda path: tifffile.imwrite(path, DEEP[..., 0]),
    "colour.tiff": lambda path: tifffile.imwrite(
        path, DEEP[..., :3], photometric="rgb", compression="zlib", predictor=True
    ),
}
GIF = PHOTOGRAPHS["palette.png"]
ARRAYS: dict[str, Callable] = {
    "rows.npy": lambda path: np.save(path, MATRIX),
    "columns.npy": lambda path: np.save(path, np.asfortranarray(COLOUR)),
    "stored.npz": lambda path: np.savez(path, **ROWS),
    "deflated.npz": lambda path: np.savez_compressed(path, **ROWS),
}
WEIGHTS: dict[str, Callable] = {
    "B.safetensors": lambda path: checkpoints.save_dictionary(MATRIX, path),
    "slstm.safetensors": lambda path: checkpoints.save(
        solvers.build("slstm", MATRIX, 3), path, {"lam": 0.1}
    ),
    "ista.safetensors": lambda path: checkpoints.save(solvers.build("ista", MATRIX, 3), path),
}


def photograph(path) -> None:
    picture = files.read(path)
    assert (
        np.isfinite(picture.values).all()
        and picture.values.min() >= 0
        and picture.values.max() <= 1
    )


def rows(path) -> None:
    opened = open_rows(path, "x_train" if path.suffix == ".npz" else None)
    assert all(torch.isfinite(batch).all() for batch in opened.batches(0, len(opened), 5))


def data_set(path) -> None:
    for images in data.both_splits(path):
        assert torch.isfinite(images.pixels).all()


def dictionary(path) -> None:
    B, _ = dictionaries.dictionary(path.read_bytes(), name=path.name)
    assert torch.isfinite(B).all()


def network(path) -> None:
    solver = checkpoints.load(path)
    assert torch.isfinite(
        solver(torch.ones(2, len(solver.dictionary), dtype=solver.dictionary.dtype), 0.1)
    ).all()


def upload(path) -> None:
    content = path.read_bytes()
    try:
        pixels, _ = pictures.from_upload(content, (8, 8, 1))
        assert np.isfinite(pixels).all()
        pictures.look(content)
        pictures.photograph(content, 10**6)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error  # as pages say it


def uploaded_network(path) -> None:
    solver = checkpoints.load_bytes(path.read_bytes(), path.name)
    assert torch.isfinite(solver(torch.ones(2, len(solver.dictionary)), 0.1)).all()


READERS = [(name, write, photograph) for name, write in PHOTOGRAPHS.items()]
READERS += [(name, write, upload) for name, write in PHOTOGRAPHS.items() if ".tif" not in name] + [
    ("a.gif", GIF, upload)
]
READERS += [(name, write, rows) for name, write in ARRAYS.items()]
READERS += [(name, write, data_set) for name, write in ARRAYS.items() if name.endswith(".npz")]
READERS += [
    (name, write, dictionary)
    for name, write in (ARRAYS | WEIGHTS).items()
    if not name.startswith("columns")
]
READERS += [
    (name, write, checkpoints.load_dictionary if name == "B.safetensors" else network)
    for name, write in WEIGHTS.items()
]
READERS += [
    (name, write, uploaded_network) for name, write in WEIGHTS.items() if not name.startswith("B.")
]
READERS += [(name, write, checkpoints.header) for name, write in WEIGHTS.items()]


def damaged(content: bytes) -> Iterator[tuple[str, bytes]]:
    """(what was done, the file) for every cut and every flipped byte."""
    for cut in np.linspace(0, len(content) - 1, CUTS).astype(int):
        yield f"cut after {cut} bytes", content[:cut]
    rng = np.random.default_rng(SEED)
    positions = rng.integers(0, len(content), CHANCE)
    for position, value in [
        *((position, 255) for position in range(min(HEAD, len(content)))),
        *zip(positions, rng.integers(1, 256, CHANCE), strict=True),
    ]:
        changed = bytearray(content)
        changed[position] ^= int(value)
        yield f"byte {position} changed by {value}", bytes(changed)


@pytest.mark.everyday("colour.jpg", "slstm.safetensors", "stored.npz", "eight.tif", "B.npy")
@pytest.mark.parametrize(
    ("name", "write", "read"), READERS, ids=[f"{name}-{read.__name__}" for name, _, read in READERS]
)
def test_a_damaged_file_is_read_or_refused_by_its_name(tmp_path, name, write, read):
    path = tmp_path / name
    write(path)
    original, refused, wrong = path.read_bytes(), 0, []
    for damage, content in damaged(original):
        path.write_bytes(content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow's, of what it mends
                read(path)
        except ValueError as error:
            refused += 1
            if name not in str(error):
                wrong.append(f"{damage}: the message does not name the file: {error}")
        except Exception as error:
            wrong.append(f"{damage}: {type(error).__name__}: {error}")
    assert not wrong, "\n".join(wrong[:10])
    assert refused, "no damage was noticed: this test looks in the wrong place"
