"""A film to take away: sheets one after the other, as an animated GIF."""

import io
from collections import Counter
from collections.abc import Sequence

import numpy as np
from PIL import Image

SIZE_LIMIT = 3_000_000  # bytes of a film; where all frames need more, every second one is left out
EXACT = 16  # of the 256 colours of a film: grounds and inks
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
    # One palette for all, so that nothing flickers. The most frequent colours are exact. Of the others each counts once, so
    # that those of a few pixels, as of large errors, are near.
    counts: Counter = Counter()
    for frame in frames:
        counts.update({colour: count for count, colour in frame.getcolors(wide * high)})
    colours = [colour for colour, _ in counts.most_common()]
    others = Image.fromarray(np.array([colours[EXACT:] or colours], np.uint8)).quantize(
        256 - EXACT, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )
    palette = Image.new("P", (1, 1))
    palette.putpalette([*np.ravel(colours[:EXACT]), *others.getpalette()])
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    while True:
        stream, times = io.BytesIO(), [step] * (len(frames) - 1) + [LAST]
        frames[0].save(
            stream,
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=times,
            loop=0,
            disposal=1,
        )
        if stream.tell() <= SIZE_LIMIT or len(frames) == 1:
            return stream.getvalue()
        frames, step = frames[:-1:2] + frames[-1:], 2 * step
