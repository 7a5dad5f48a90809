"""How numbers travel to the browser: as float16, bytes shuffled, compressed, as base64, and each array once a session.

Codes change little from stop to stop, so what travels of them is by how much their bits differ from the stop before, one
weight after the other.
"""

import base64
import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

LEVEL = 6  # of compression; 9 takes ten times as long for 2 % less
LARGEST_HALF = 6e4  # what exceeds float16, or is no number, travels as this


@dataclass(frozen=True)
class Parcel:
    """An array as text, under a name that stands for what it holds. The text begins with the number of stops, 1 where the
    entries stand for themselves."""

    name: str
    text: str
    shape: tuple[int, ...]

    def label(self) -> dict:
        """What the browser needs in order to find it."""
        return {"name": self.name, "size": list(self.shape)}


def pack(array: np.ndarray) -> Parcel:
    """An array of any numbers. All low bytes stand before all high ones, which compresses better."""
    halves = np.clip(
        np.nan_to_num(array, nan=LARGEST_HALF, posinf=LARGEST_HALF, neginf=-LARGEST_HALF), -LARGEST_HALF, LARGEST_HALF
    ).astype("<f2")
    bits, stops = np.ascontiguousarray(halves).view("<u2"), len(array) if array.ndim == 3 else 1
    if stops > 1:
        bits = np.diff(bits.reshape(stops, -1), axis=0, prepend=np.uint16(0)).T
    shuffled = np.ascontiguousarray(bits).view(np.uint8).reshape(-1, 2).T.tobytes()
    text = f"{stops}:{base64.b64encode(gzip.compress(shuffled, LEVEL, mtime=0)).decode()}"
    return Parcel(hashlib.blake2b(shuffled, digest_size=12).hexdigest(), text, array.shape)


def squeezed(text: str, level: int = LEVEL) -> str:
    """Words compressed, as base64."""
    return base64.b64encode(gzip.compress(text.encode(), level, mtime=0)).decode()


def unpack(parcel: Parcel) -> np.ndarray:
    """The array again, float16."""
    stops, _, text = parcel.text.partition(":")
    shuffled = np.frombuffer(gzip.decompress(base64.b64decode(text)), np.uint8)
    bits = np.ascontiguousarray(shuffled.reshape(2, -1).T).view("<u2").reshape(-1, int(stops))
    return np.ascontiguousarray(np.cumsum(bits, 1, dtype="<u2").T).view("<f2").reshape(parcel.shape)


def texts(parcels: Iterable[Parcel]) -> dict[str, str]:
    """The parcels by name."""
    return {parcel.name: parcel.text for parcel in parcels}
