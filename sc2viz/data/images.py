"""`Images`, the one type that all data sets have, and the check of arrays that become one."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import torch

from sc2viz.data.sparse import Law

# The first seeds of rows that are drawn anew; those of splits are two, the data's, then 1 or 2
FRESH = 2**31, 3


@dataclass(frozen=True, eq=False)
class Images:
    """One split of a data set; rows are samples. `images[rows]` selects rows, and `len(images)` is the number of rows.

    pixels      (n, d_x) float32, of pictures in [0, 1]; `pixels.reshape(-1, *shape)` gives pictures
    labels      (n,) int64, or None
    shape       (h, w, channels) with 1 or 3 channels, or None if a row is not a picture
    classes     the names of the labels 0, 1, …, or None if they are not known
    dictionary  (d_x, d_s) the true atoms of `synthetic` and `compositional`, else None
    codes       (n, d_s) the true codes of `synthetic` and `compositional`, else None
    law         how the rows of `synthetic` were drawn, else None
    """

    name: str
    pixels: torch.Tensor
    labels: torch.Tensor | None = None
    shape: tuple[int, int, int] | None = None
    classes: tuple[str, ...] | None = None
    dictionary: torch.Tensor | None = None
    codes: torch.Tensor | None = None
    law: Law | None = None

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def n_classes(self) -> int | None:
        """One more than the largest label; None without labels."""
        return None if self.labels is None else int(self.labels.max()) + 1

    def digests(self) -> np.ndarray:
        """Return a digest of every row, (n,) of 16 bytes each: equal rows have equal ones, in whatever set they are."""
        digests = [
            hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in self.pixels.numpy()
        ]
        return np.array(digests, dtype="V16")

    def fresh(self, n: int, *seeds: int) -> "Images":
        """Draw n further rows by the same law and of the same atoms, which depend on `seeds` alone. No split has such seeds.

        ValueError where the rows were not drawn.
        """
        if self.law is None:
            raise ValueError(
                f"rows of {self.name} were not drawn by a law, so that there are no fresh ones: take synthetic"
            )
        rng = np.random.RandomState([*FRESH, *seeds])
        signals = self.law.draw(n, self.dictionary.numpy().astype(float), rng)
        pixels, codes = (torch.from_numpy(values.astype(np.float32)) for values in signals)
        return replace(self, pixels=pixels, codes=codes)

    def __getitem__(self, rows) -> "Images":
        """Select rows by a slice, a list, a mask or an index; a single index gives a set of one picture."""
        rows = [rows] if isinstance(rows, int | np.integer) else rows
        selected = {
            key: values[rows]
            for key in ("pixels", "labels", "codes")
            if (values := getattr(self, key)) is not None
        }
        return replace(self, **selected)


def checked(name, pixels, labels=None, classes=None, source="", split="") -> Images:
    """Check arrays and return them as Images; error messages name `source` and `split`."""
    x, y = (f"{key}_{split}" if split else key for key in "xy")
    place = f" in {source}" if source else ""
    if pixels.ndim not in (2, 3, 4) or (pixels.ndim == 4 and pixels.shape[3] not in (1, 3)):
        raise ValueError(
            f"{x}{place} must be (n, h, w), (n, h, w, 1), (n, h, w, 3) or (n, d_x), got {pixels.shape}"
        )
    if pixels.size == 0:
        raise ValueError(f"{x}{place} must not be empty, got {pixels.shape}")
    n, in_range = len(pixels), pixels.ndim > 2
    if pixels.dtype != np.uint8 and pixels.dtype.kind not in ("f" if in_range else "fiu"):
        expected = "uint8 or floats in [0, 1]" if in_range else "integers or floats"
        raise ValueError(f"{x}{place} must be {expected}, got {pixels.dtype}: convert it")
    with np.errstate(over="ignore"):
        rows = pixels.reshape(n, -1).astype(np.float32, order="C")
    if pixels.dtype == np.uint8:
        rows /= 255
    low, high = rows.min(), rows.max()
    if not np.isfinite([low, high]).all():
        raise ValueError(
            f"{x}{place} must be finite, got {(~np.isfinite(rows)).sum()} NaN or infinite values"
        )
    if in_range and (low < 0 or high > 1):
        raise ValueError(
            f"{x}{place} must lie in [0, 1], got [{low:g}, {high:g}]: scale it, or store uint8"
        )
    shape = (*pixels.shape[1:], 1)[:3] if in_range else None
    rows = torch.from_numpy(rows)
    if labels is not None:
        if labels.shape not in ((n,), (n, 1)):
            raise ValueError(
                f"{y}{place} must have one label per picture, ({n},) or ({n}, 1), got {labels.shape}"
            )
        if not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"{y}{place} must be integers, got {labels.dtype}: number the classes 0, 1, 2, …"
            )
        if labels.min() < 0 or labels.max() > np.iinfo(np.int64).max:
            raise ValueError(
                f"{y}{place} must number the classes 0, 1, 2, …, got {labels.min()} to {labels.max()}"
            )
        labels = torch.from_numpy(labels.reshape(n).astype(np.int64))
    return Images(name, rows, labels, shape, classes)
