"""How numbers travel to the browser: as 16 bits, or exactly as they are, bytes shuffled, compressed, as base64, and each
array once a session.

Codes change little from stop to stop, and by about as much each time. What travels of their bits is therefore by how much
their step from the stop before differs from the step before that, one weight after the other, with the sign in the lowest
bit, so that the high bytes are mostly zero.

Numbers are float16, but codes at several stops are multiples of 2^−10, which is about the weight from which an atom counts
as in use: exact codes are linear in λ between knots, so that most steps are then alike. Those of many pictures are multiples
of 2^−8, and atoms that are drawn of 2^−12, which takes half the bytes. A picture that is drawn of them is off by less than
a level of grey. What is too large or too small for it, as codes of a network that runs away, is float16 as well.
"""

import base64
import gzip
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

LEVEL = 6  # of compression; 9 takes ten times as long for 2 % less
LARGEST_HALF = 6e4  # what exceeds float16, or is no number, travels as this
FINE, FINER, FINEST = (
    10,
    12,
    13,
)  # k of the multiples of 2^−k: of codes at several stops, of atoms, and of codes whose F is computed
COARSE = 8  # of the codes of many pictures, which are drawn small and as pictures alone
IN_USE = 1e-3  # evaluation.IN_USE; this module is imported before PyTorch is
SMALL = 1 / 64  # the least that the largest number may be of those that travel as multiples


@dataclass(frozen=True)
class Parcel:
    """An array, compressed, under a name that stands for what it holds. The head is the number of stops, 1 where the entries
    stand for themselves, and "/k" where they are multiples of 2^−k."""

    name: str
    head: str
    packed: bytes
    shape: tuple[int, ...]

    @classmethod
    def named(
        cls, head: str, content: bytes, shape: tuple[int, ...], has_stops: bool = False
    ) -> "Parcel":
        """With the content in gzip's format, and a name by it. has_stops: it is that of several stops, of which most repeat the
        one before; the low and the high bytes have a block each then, because far more of the high ones are zero."""
        if has_stops:
            press = zlib.compressobj(LEVEL, wbits=zlib.MAX_WBITS | 16, strategy=zlib.Z_RLE)
            half = len(content) // 2
            packed = press.compress(content[:half]) + press.flush(zlib.Z_BLOCK)
            packed += press.compress(content[half:]) + press.flush()
        else:
            packed = gzip.compress(content, LEVEL, mtime=0)
        name = hashlib.blake2b(head.encode() + packed, digest_size=12).hexdigest()
        return cls(name, head, packed, shape)

    @property
    def text(self) -> str:
        """What travels as text: the head, and after a colon base64."""
        return f"{self.head}:{base64.b64encode(self.packed).decode()}"

    def label(self) -> dict:
        """What the browser needs in order to find it."""
        return {"name": self.name, "size": list(self.shape)}


def pack(array: np.ndarray, fine: int = 0, turned: bool = False) -> Parcel:
    """An array of any numbers. All low bytes stand before all high ones, which compresses better. fine: k, where they are to
    be multiples of 2^−k; by default those of codes at several stops alone are. turned: its columns travel as rows."""
    array = array.T if turned else array
    numbers, largest = array, np.abs(array).max(initial=0)
    if not largest <= LARGEST_HALF:  # also of NaN
        numbers = np.nan_to_num(array, nan=LARGEST_HALF).clip(-LARGEST_HALF, LARGEST_HALF)
    stops = max(len(array), 1) if array.ndim == 3 else 1
    fine = fine or (FINE if stops > 1 else 0)
    multiples = fine and SMALL <= largest < 2.0 ** (15 - fine) - 0.5
    head = f"{stops}/{fine}" if multiples else f"{stops}"
    rounded = _multiples(numbers, fine) if multiples else numbers.astype("<f2")
    bits = np.ascontiguousarray(rounded).view("<u2").reshape(stops, -1)
    if stops > 1 or multiples:
        steps = np.diff(bits, axis=0, prepend=np.uint16(0))
        turns = np.concatenate([steps[:2], np.diff(steps[1:], axis=0)]).view("<i2")
        bits = (turns << 1 ^ turns >> 15).view("<u2")
    shuffled = bits.view(np.uint8).reshape(stops, -1, 2).transpose(2, 1, 0).tobytes()
    return Parcel.named(head, shuffled, array.shape, stops > 1)


def _multiples(numbers: np.ndarray, fine: int) -> np.ndarray:
    """The nearest multiples of 2^−fine, in units of it; an atom that is in use stays so."""
    nearest, smallest = np.rint(np.ldexp(numbers, fine)), np.floor(np.ldexp(IN_USE, fine)) + 1
    fades = (np.abs(numbers) > IN_USE) & (np.abs(nearest) < smallest)
    nearest[fades] = np.copysign(smallest, numbers[fades])
    return nearest.astype("<i2")


def exactly(array: np.ndarray) -> Parcel:
    """An array without any rounding: as float16 where all its numbers are such, else as float32 or float64. The head is then
    "f4" or "f8", and the first bytes of all numbers stand before the second ones."""
    with np.errstate(over="ignore"):
        for kind in ("<f2", "<f4", "<f8"):
            stored = array.astype(kind)
            if (stored == array).all():
                break
    if kind == "<f2" and np.isfinite(stored).all():
        return replace(pack(stored.reshape(-1)), shape=array.shape)
    return _unrounded(stored)


def floats(array: np.ndarray) -> Parcel:
    """An array as float32, with infinities and NaN."""
    return _unrounded(array.astype("<f4"))


def _unrounded(array: np.ndarray) -> Parcel:
    shuffled = np.ascontiguousarray(array).view(np.uint8).reshape(array.size, -1).T.tobytes()
    return Parcel.named(f"f{array.itemsize}", shuffled, array.shape)


def squeezed(text: str, level: int = LEVEL) -> str:
    """Words compressed, as base64."""
    return base64.b64encode(gzip.compress(text.encode(), level, mtime=0)).decode()


def texts(parcels: Iterable[Parcel]) -> dict[str, str]:
    """The parcels by name."""
    return {parcel.name: parcel.text for parcel in parcels}
