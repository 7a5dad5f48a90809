"""What decode.js does, in Python."""

import gzip

import numpy as np

from sc2viz.browser.wire_format import Parcel


def unpack(parcel: Parcel) -> np.ndarray:
    """The array again, float16, or float32 where it travelled as multiples or as it was."""
    if parcel.head == "f4":
        shuffled = np.frombuffer(gzip.decompress(parcel.packed), np.uint8).reshape(4, -1)
        return np.ascontiguousarray(shuffled.T).view("<f4").reshape(parcel.shape)
    stops, _, power = parcel.head.partition("/")
    shuffled = np.frombuffer(gzip.decompress(parcel.packed), np.uint8)
    bits = np.ascontiguousarray(shuffled.reshape(2, -1).T).view("<u2").reshape(-1, int(stops))
    if int(stops) > 1 or power:
        bits = bits >> 1 ^ -(bits & 1)
        bits[:, 1:] = np.cumsum(bits[:, 1:], 1, dtype="<u2")  # the steps
    bits = np.ascontiguousarray(np.cumsum(bits, 1, dtype="<u2").T)
    if power:
        return np.ldexp(bits.view("<i2").astype(np.float32), -int(power)).reshape(parcel.shape)
    return bits.view("<f2").reshape(parcel.shape)
