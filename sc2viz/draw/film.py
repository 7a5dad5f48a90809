"""A film to take away: sheets one after the other, as an animated GIF."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

MOST = 3_000_000  # bytes of a film; where all frames need more, every second one is left out
STEP, LAST = 250, 1500  # ms that a frame stays, and the last one


def gif(sheets: Sequence[np.ndarray], step: int = STEP) -> bytes:
    """The sheets (H, W, 3) uint8 as a GIF that repeats, each shown for `step` ms. Smaller sheets stand on the ground of the
    first one, the colour of its corner. Raises ValueError without sheets."""
    if not sheets:
        raise ValueError("sheets must not be empty: give at least one")
    high, wide = (max(sheet.shape[axis] for sheet in sheets) for axis in (0, 1))
    frames = []
    for sheet in sheets:
        frame = Image.new("RGB", (wide, high), tuple(map(int, sheets[0][0, 0])))
        frame.paste(Image.fromarray(sheet), (0, 0))
        frames.append(frame)
    # One palette for all, of the first, the middle and the last frame, so that nothing flickers.
    some = np.concatenate([np.asarray(frames[k]) for k in (0, len(frames) // 2, -1)])
    palette = Image.fromarray(some).quantize(
        256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    while True:
        data = _written(frames, step)
        if len(data) <= MOST or len(frames) == 1:
            return data
        frames, step = frames[:-1:2] + frames[-1:], 2 * step


def _written(frames: Sequence[Image.Image], step: int) -> bytes:
    stream = io.BytesIO()
    times = [step] * (len(frames) - 1) + [LAST]
    frames[0].save(
        stream, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, disposal=1
    )
    return stream.getvalue()
