"""What there is to take away: pictures, numbers, the patch, Python and the command line."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from sc2viz.pages.photograph import drawing, making
from sc2viz.pages.photograph.answers import Found
from sc2viz.pages.photograph.place import Spot
from sc2viz.pages.photograph.subject import Subject
from sc2viz.ui import own, page
from sc2viz.ui.foreign import literal
from sc2viz.ui.models import Model


def draw(subject: Subject, found: Found, front: str, chosen: Sequence[Model], there: Spot | None) -> None:
    name = f"sc2viz-{subject.label.rpartition('.')[0] or subject.label}-sigma-{subject.sigma}"
    files = [page.png(f"{name}-noisy", lambda: _png(found.noisy.picture), "Noisy (PNG)")]
    if front in found.results:
        made = found.results[front].picture
        files.insert(0, page.png(name, lambda: _png(made), f"{front} (PNG)"))
    files.append(page.csv(name, lambda: _table(subject, found)))
    if there is not None:
        files.append(page.File("Patch (NPZ)", own.patch.FILE, "application/octet-stream", lambda: _npz(there),
                               ":material/grid_on:"))  # fmt: skip
    page.take_away(files, _python(subject, chosen), charts=False, command=_command(subject, chosen))


def _png(picture: np.ndarray) -> bytes:
    return drawing.png(Image.fromarray(picture))


def _table(subject: Subject, found: Found) -> str:
    """The numbers of the cards as CSV."""
    head = ("photograph", "height", "width", "sigma", "method", "answer", "psnr_db", "ssim", "numbers_a_pixel", "seconds")
    everyone = {"Noisy": found.noisy, **found.results}
    return page.table(head, (
        [subject.label, *subject.size, subject.sigma, label, "coarse" if found.is_coarse(label) else "",
         each.psnr, each.ssim, each.non_zeros, each.seconds]
        for label, each in everyone.items()
    ))  # fmt: skip


def _npz(there: Spot) -> bytes:
    """The patch without its mean as a data set."""
    stream = io.BytesIO()
    np.savez(stream, x_train=there.place.x[None], x_test=there.place.x[None])
    return stream.getvalue()


def _python(subject: Subject, chosen: Sequence[Model]) -> str:
    """Python that makes the same answers and prints the same numbers."""
    ways = "".join(
        f'    "{model.label}": dict({making.way(model).python()}, stride={making.finest(model)}),\n' for model in chosen
    )
    yours = [model for model in chosen if model.mark]
    network = f'network = checkpoints.load("{yours[0].solver}-yours.safetensors")\n' if yours else ""
    imports = "from sc2viz import checkpoints, photographs" if yours else "from sc2viz import photographs"
    if subject.own:
        high, wide = subject.size
        opened = f"""from PIL import Image

image = Image.open({literal(subject.label)}).convert("{"RGB" if subject.values.ndim == 3 else "L"}").resize(({wide}, {high}))
picture = np.asarray(image) / 255
"""
        opened += f"noisy = peers.noisy(picture, {subject.sigma})\n" if subject.added else "noisy = picture\n"
    else:
        colour = ", colour=True" if subject.values.ndim == 3 else ""
        opened = f"""
picture = peers.picture("{subject.label}"{colour})
noisy = peers.noisy(picture, {subject.sigma})  # of seed 0
"""
    measured = '"%.2f dB, SSIM %.3f" % peers.quality(picture, answer.picture), ' if subject.added else ""
    return f"""{"import numpy as np" + chr(10) if subject.own else ""}{imports}
from sc2viz.photographs import peers
{opened}{network}
ways = {{
{ways}}}
for name, how in ways.items():
    answer = photographs.denoise(noisy, {subject.sigma} / 255, **how)
    print(name, {measured}f"{{answer.non_zeros_a_pixel:.2f}} numbers a pixel")
"""


def _command(subject: Subject, chosen: Sequence[Model]) -> str:
    """The same on the command line."""
    source = f"sc2viz-{subject.label}-sigma-{subject.sigma}-noisy.png" if subject.added else subject.label
    lines = []
    for model in chosen:
        if not model.mark:
            stride = "" if making.finest(model) == 1 else f" --stride {making.finest(model)}"
            lines.append(
                f"sc2viz denoise {literal(source)} clean.png --sigma {subject.sigma} {making.way(model).command()}{stride}"
            )
    return "\n".join(lines)
