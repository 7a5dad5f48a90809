"""What there is to take away: pictures, numbers, the patch, Python and the command line."""

import io
from collections.abc import Mapping, Sequence

import numpy as np

from sc2viz.draw import mosaics
from sc2viz.pages.photograph import denoise_tasks, png_files
from sc2viz.pages.photograph.answer_cards import Found
from sc2viz.pages.photograph.clicked_patch import Spot
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.ui import own, page
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import as_label, literal, shell
from sc2viz.words import _


def downloads(
    subject: Photo, found: Found, front: str, chosen: Sequence[Model], there: Spot | None
) -> None:
    name = f"sc2viz-{_stem(subject)}-sigma-{subject.sigma}"
    files = [
        _answer(name, found, front),
        page.png(f"{name}-noisy", lambda: mosaics.png(found.noisy.picture, 3), _("Noisy (PNG)")),
        page.csv(name, lambda: _table(subject, found)),
    ]
    if there is not None:
        files.append(
            page.File(_("Patch (NPZ)"), own.patch.FILE, lambda: _npz(there), ":material/grid_on:")
        )
    python, command = _python(subject, chosen), _command(subject, chosen)
    page.explained(
        denoise_tasks.named(chosen), files, lambda: python, charts=False, command=command
    )


def filled(
    subject: Photo, found: Found, front: str, chosen: Sequence[Model], missing: np.ndarray
) -> None:
    """Draw what there is to take away of a photograph that was filled in."""
    name = f"sc2viz-{_stem(subject)}-filled"
    before, mask = png_files.levels(subject.floats()), (255 * missing).astype(np.uint8)
    files = [
        _answer(name, found, front),
        page.png(f"{name}-mask", lambda: mosaics.png(mask, 3), _("Mask (PNG)")),
        page.png(f"{name}-before", lambda: mosaics.png(before, 3), _("Photograph (PNG)")),
        page.csv(name, lambda: _table(subject, found)),
    ]
    shipped = {model.label: denoise_tasks.way(subject, model) for model in chosen if not model.mark}
    command = f"sc2viz inpaint {shell(f'{name}-before.png')} {shell(f'{name}-mask.png')} filled.png"
    lines = [f"{command} {way.command(best=True)}" for way in shipped.values()]
    opened = f"""
picture = files.read({literal(f"{name}-before.png")}).values
missing = files.read({literal(f"{name}-mask.png")}).values > 0.5
"""
    python = _program(
        subject,
        opened,
        {label: way.python(best=True) for label, way in shipped.items()},
        "inpaint(picture, missing, **how)",
        '"%.2f dB, SSIM %.3f" % peers.quality(picture, answer.picture)',
        parts="files, peers",
    )
    page.explained(
        denoise_tasks.named(chosen), files, lambda: python, charts=False, command="\n".join(lines)
    )


def approximated(
    subject: Photo,
    found: Found,
    front: str,
    chosen: Sequence[Model],
    few: float,
    rows: Sequence[Sequence],
) -> None:
    """Draw what there is to take away of a photograph written with few numbers. rows: of the table, (method, numbers a
    pixel, dB)."""
    name = f"sc2viz-{_stem(subject)}-few"
    files = [
        _answer(name, found, front),
        page.csv(name, lambda: page.table(("method", "numbers_a_pixel", "psnr_db"), rows)),
    ]
    shipped = {model.label: denoise_tasks.way(subject, model) for model in chosen if not model.mark}
    python = _program(
        subject,
        _opened(subject),
        {label: way.python() for label, way in shipped.items()},
        f"approximate(picture, {few}, **how)",
        '"%.2f dB" % peers.quality(picture, answer.picture)[0], answer.way',
    )
    source = shell(subject.label if subject.own else f"{subject.label}.png")
    lines = [
        f"sc2viz approximate {source} few.png --non-zeros {few} {way.command()}"
        for way in shipped.values()
    ]
    page.explained(
        denoise_tasks.named(chosen), files, lambda: python, charts=True, command="\n".join(lines)
    )


def _answer(name: str, found: Found, front: str) -> page.File:
    """The answer in front. Its button has its place before the answer is there, so that no other moves under the pointer."""
    made = found.results.get(front)
    label = front or next((model.label for model in found.chosen), found.peer_name)
    return page.png(
        name, (lambda: mosaics.png(made.picture, 3)) if made else None, f"{_(label)} (PNG)"
    )


def _program(
    subject: Photo,
    opened: str,
    ways: Mapping[str, str],
    call: str,
    shown: str,
    parts: str = "peers",
    imports: str = "photographs",
) -> str:
    """Python that makes the answers and prints what is `shown` of them. opened: the lines that make what `call`, a function
    of `photographs`, takes. ways: its further arguments by label."""
    named = "".join(f"    {literal(name)}: dict({given}),\n" for name, given in ways.items())
    return f"""from sc2viz import {imports}
from sc2viz.photographs import {parts}
{subject.atoms.lines}{opened}
ways = {{
{named}}}
for name, how in ways.items():
    answer = photographs.{call}
    print(name, {shown})
"""


def _opened(subject: Photo) -> str:
    """The lines of Python that make `picture`, the photograph at hand."""
    colour = subject.values.ndim == 3
    if not subject.own:
        return f"""
picture = peers.picture({literal(subject.label)}{", colour=True" if colour else ""})
"""
    high, wide = subject.size
    return f"""import numpy as np
from PIL import Image

image = Image.open({literal(subject.label)}).convert("{"RGB" if colour else "L"}").resize(({wide}, {high}))
picture = np.asarray(image) / 255
"""


def _stem(subject: Photo) -> str:
    """The photograph's name, as it stands in names of files."""
    return as_label(subject.label.rpartition(".")[0] or subject.label)


def _table(subject: Photo, found: Found) -> str:
    """The numbers of the cards as CSV."""
    head = (
        "photograph",
        "height",
        "width",
        "sigma",
        "method",
        "answer",
        "psnr_db",
        "psnr_missing_db",
        "ssim",
        "atoms_a_patch",
        "numbers_a_pixel",
        "seconds",
    )
    everyone = {"Noisy": found.noisy, **found.results}
    return page.table(
        head,
        (
            [
                subject.label,
                *subject.size,
                subject.sigma,
                label,
                "coarse" if found.is_coarse(label) else "",
                each.psnr,
                each.inner,
                each.ssim,
                each.atoms,
                each.non_zeros,
                each.seconds,
            ]
            for label, each in everyone.items()
        ),
    )


def _npz(there: Spot) -> bytes:
    """A .npz of the patch without its mean, as a data set, and of its dictionary."""
    stream = io.BytesIO()
    np.savez(stream, x_train=there.place.x[None], x_test=there.place.x[None], B=there.place.B)
    return stream.getvalue()


def _python(subject: Photo, chosen: Sequence[Model]) -> str:
    """Python that makes the same answers and prints the same numbers."""
    ways = {}
    for model in chosen:
        lam, how = denoise_tasks.price(subject, model), denoise_tasks.way(subject, model).python()
        ways[model.label] = f"{how}, stride={denoise_tasks.finest(model)}" + (
            "" if lam is None else f", lam={lam}"
        )
    yours = [model for model in chosen if model.mark]
    network = (
        f"network = checkpoints.load({literal(f'{yours[0].solver}-yours.safetensors')})\n"
        if yours
        else ""
    )
    noisy = f"peers.noisy(picture, {subject.sigma})  # of seed 0" if subject.added else "picture"
    measured = (
        '"%.2f dB, SSIM %.3f" % peers.quality(picture, answer.picture), ' if subject.added else ""
    )
    return _program(
        subject,
        f"{_opened(subject)}noisy = {noisy}\n{network}",
        ways,
        f"denoise(noisy, {subject.sigma} / 255, **how)",
        f'{measured}f"{{answer.non_zeros_a_pixel:.2f}} numbers a pixel"',
        imports="checkpoints, photographs" if yours else "photographs",
    )


def _command(subject: Photo, chosen: Sequence[Model]) -> str:
    """The command that makes the answer on the right of the divider."""
    source = (
        f"sc2viz-{_stem(subject)}-sigma-{subject.sigma}-noisy.png"
        if subject.added
        else subject.label
    )
    lines = []
    for model in chosen:
        if not model.mark:
            how, lam = (
                denoise_tasks.way(subject, model).command(),
                denoise_tasks.price(subject, model),
            )
            how += "" if lam is None else f" --lam {lam}"
            how += (
                ""
                if denoise_tasks.finest(model) == 1
                else f" --stride {denoise_tasks.finest(model)}"
            )
            lines.append(f"sc2viz denoise {shell(source)} clean.png --sigma {subject.sigma} {how}")
    return "\n".join(lines)
