"""The data set in a .npz of the reader's own, with the keys of Keras's data sets."""

import math
import os
from pathlib import Path

from sc2viz.data.images import Images, checked
from sc2viz.files import arrays, reading

PLAIN = ": it must be a plain array of numbers, not pickled"
MOST_CLASSES = 1000  # of the data of a reader; a softmax head has a row for each class


def from_npz(
    file, split: str = "train", name: str | None = None, max_bytes: int | None = None
) -> Images:
    """Load one split of a .npz, given as a path or a binary file object, with the keys of Keras's data sets.

    `x_train` and `x_test` are pictures, (n, h, w) or (n, h, w, 1) grey or (n, h, w, 3) RGB, uint8 or floats in [0, 1]; or
    they are rows (n, d_x) of any finite numbers, for which `shape` is None. uint8 is divided by 255. `y_train` and
    `y_test` are optional class numbers ≥ 0, (n,) or (n, 1). `max_bytes` limits the memory of both splits together in
    float32, by default to that of `arrays.limit_bytes`; it is checked before they are read. Pickled data is never loaded.
    Raises ValueError that names the file, what is wrong and what is expected.
    """
    if split not in ("train", "test"):
        raise ValueError(f'split must be "train" or "test", got {split!r}')
    is_path = isinstance(file, str | os.PathLike)
    path = Path(file).expanduser() if is_path else file
    source = str(path) if is_path else (name or "the uploaded file")
    if is_path and not path.is_file():
        raise ValueError(f"{source} does not exist: give the path of a .npz file")
    with reading(f"{source} is not a .npz file", ": write one with numpy.savez"):
        archive = arrays.archive(path)
    with archive:
        members, values, size = arrays.members(archive), {}, 0
        keys = [key for key in ("x_train", "y_train", "x_test", "y_test") if key in members]
        for key in keys:
            damaged = reading(f"{key} in {source} cannot be read", PLAIN)
            with damaged, archive.open(members[key]) as stream:
                shape, _, dtype = arrays.header(stream)
            size += math.prod(shape) * max(4, dtype.itemsize)  # as float32 at least
        limit = arrays.limit_bytes(archive) if max_bytes is None else max_bytes
        if size > limit:
            raise ValueError(
                f"{source} may take at most {limit / 1e6:,g} MB in float32 for both splits together, but would "
                f"take {size / 1e6:,.4g} MB: keep fewer rows"
            )
        if f"x_{split}" not in members:
            listed = ", ".join(sorted(members)[:10]) or "nothing"
            raise ValueError(
                f"{source} has no x_{split}: it must contain x_train and x_test, but contains {listed}"
            )
        for key in keys:
            damaged = reading(f"{key} in {source} cannot be read", PLAIN)
            if key.endswith(split):
                with damaged, archive.open(members[key]) as stream:
                    values[key] = arrays.read(stream)
    label = name or (path.stem if is_path else "upload")
    pixels, labels = values[f"x_{split}"], values.get(f"y_{split}")
    return checked(label, pixels, labels, source=source, split=split)


def both_splits(
    file, name: str | None = None, max_bytes: int | None = None
) -> tuple[Images, Images]:
    """Load the training and the test split of a .npz, as `from_npz` reads them, fit to be shown, coded and learned from.

    Raises ValueError as `from_npz` does, and for splits whose rows differ in shape, for fewer than two training rows, for
    rows of one number, and for more than MOST_CLASSES classes.
    """
    train, test = (from_npz(file, split, name, max_bytes) for split in ("train", "test"))
    source = name or (file if isinstance(file, str | os.PathLike) else "the uploaded file")
    sizes = [images.shape or (images.pixels.shape[1],) for images in (train, test)]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"x_train and x_test in {source} must have rows of one shape, got {sizes[0]} and {sizes[1]}"
        )
    if len(train) < 2:
        raise ValueError(
            f"x_train in {source} must have at least 2 rows, got {len(train)}: atoms are learned from them"
        )
    if train.pixels.shape[1] < 2:
        raise ValueError(f"the rows in {source} must have at least 2 numbers each, got d_x = 1")
    if max(images.n_classes or 0 for images in (train, test)) > MOST_CLASSES:
        raise ValueError(
            f"labels in {source} must be below {MOST_CLASSES:,}: number the classes 0, 1, 2, …"
        )
    return train, test
