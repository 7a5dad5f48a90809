"""What can be done to a photograph: remove its noise, fill in what is missing, write it with few numbers."""

import base64
import io
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from sc2viz import checkpoints, defaults, published
from sc2viz.draw import mosaics, patch_sums, style
from sc2viz.jobs.shared_jobs import Task
from sc2viz.pages.photograph import answers, clicked_patch
from sc2viz.pages.photograph.answers import COARSE, MadePicture, levels
from sc2viz.pages.photograph.chosen_photo import BROUGHT, LEARNED, SHIPPED, Photo
from sc2viz.pages.photograph.pictures import Results, ShownAnswer, draw_cards, draw_divider, serve
from sc2viz.photographs import coding
from sc2viz.published.sentences import describe_gates
from sc2viz.solvers import Failed
from sc2viz.ui import cache, errors, models, own, page, phrases, session, url
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import as_label, literal, shell
from sc2viz.words import N_, _, count, listed

LARGE = 4_200_000  # pixels of a photograph above which one solver cleans it
MAX_PAINTED = 4_000_000  # pixels of the reader's canvas
CLOSE_UP = 64  # pixels that a close-up has a side
TEXT = "sparse coding fills in what is missing  "
BM3D_SOURCE = N_(
    "BM3D (Dabov et al. 2007) was measured once on these pictures with this noise, with the package bm3d 4.0. Its licence "
    "allows non-commercial use alone, so that it is not part of sc2viz."
)


class PhotoTask:
    """A task for solvers. A derived class has:

    limit, opens     how many solvers work on the photograph, and the labels of those that the page opens with
    settled          what is said once all is there
    given            what the solvers are given, a `MadePicture`
    tasks(model)     a quick task and, where there is one, a task for a finer answer
    describe()       the sentence of the page
    draw_divider()   the photograph before and after
    draw_figure()    what stands beside it
    exports()        files, lines of Python before the call of a function of `photographs`, this call, and the command
    """

    limit, has_chart = 3, False
    ready: Sequence[Model]  # the chosen models whose dictionary is there
    results: Results

    def __init__(self, photo: Photo, is_compared: bool):
        self.photo = photo
        self.is_compared = is_compared  # whether other methods are asked, too

    def draw_controls(self) -> None:
        """Draw what the reader chooses beside the photograph."""

    def other_methods(self) -> dict[str, Task]:
        return {}

    def later(self) -> list[Task]:
        """What else is asked for."""
        return []

    def explain(self) -> str:
        """Why the best answer is as it is."""
        return ""

    def draw_more(self) -> None:
        """Draw what stands behind More."""
        draw_cards(self.photo, self.results, self.results.shown)

    # What is taken away

    @property
    def stem(self) -> str:
        """The beginning of the names of files."""
        label = self.photo.label
        return f"sc2viz-{as_label(label.rpartition('.')[0] or label)}"

    @property
    def source(self) -> str:
        """The lines of Python that make `picture`, the photograph at hand."""
        photo = self.photo
        if not photo.own:
            colour = ", colour=True" if photo.has_colour else ""
            return f"picture = peers.picture({literal(photo.label)}{colour})\n"
        mode, (high, wide) = "RGB" if photo.has_colour else "L", photo.size
        return f"""import numpy as np
from PIL import Image

image = Image.open({literal(photo.label)}).convert("{mode}").resize(({wide}, {high}))
picture = np.asarray(image) / 255
"""

    def options(self, model: Model) -> dict[str, object]:
        """The arguments of `photographs` for a model; None stands for what the reader brought."""
        solver, kind = answers.way_of(self.photo, model).solver, self.photo.dictionary.kind
        options: dict = {"solver": solver if isinstance(solver, str) else None}
        if answers.is_built(model):
            options["dictionary"] = {SHIPPED: coding.FOLDER, LEARNED: coding.LEARNED}.get(kind)
        return options

    def take_away(self, chosen: Sequence[Model]) -> None:
        files, opened, call, command = self.exports()
        # The answer's button has its place before the answer is there, so that no other moves under the pointer.
        front = self.results.front
        label = front.label if front else next((model.label for model in chosen), "")
        make = (lambda: mosaics.png(front.made.picture, 3)) if front else None
        answer = page.png(self.stem, make, f"{_(label)} (PNG)")
        ways, lines, networks = "", [], ""
        for model in chosen:
            options = self.options(model)
            texts = {
                name: literal(value) if isinstance(value, str) else value
                for name, value in options.items()
            }
            if model.mark:
                networks = (
                    f"network = checkpoints.load({literal(f'{model.solver}-yours.safetensors')})\n"
                )
                texts["solver"] = "network"
            else:
                file = own.dictionary.file_name() if options.get("dictionary", "") is None else ""
                words = (f"--{name} {shell(str(v or file))}" for name, v in options.items())
                lines.append(f"{command} {' '.join(words)}")
            if texts.get("dictionary", "") is None:
                texts["dictionary"] = "B"
            arguments = ", ".join(f"{name}={text}" for name, text in texts.items())
            ways += f"    {literal(model.label)}: dict({arguments}),\n"
        if self.photo.dictionary.kind == BROUGHT:
            content = f"open({literal(own.dictionary.file_name())}, 'rb').read()"
            networks += f"B, _ = dictionaries.patch_dictionary({content})\n"
        quality = '"%.2f dB, SSIM %.3f" % peers.quality(picture, answer.picture), '
        python = f"""from sc2viz import checkpoints, photographs
from sc2viz.files import dictionaries
from sc2viz.photographs import files, peers

{opened}{networks}
ways = {{
{ways}}}
for name, how in ways.items():
    answer = photographs.{call}
    print(name, {quality if self.photo.is_clean else ""}f"{{answer.non_zeros_a_pixel:.2f}} numbers a pixel")
"""
        names = [model.solver for model in chosen if not isinstance(model, models.ExactModel)]
        page.explained(
            names, [answer, *files], lambda: python, charts=self.has_chart, command="\n".join(lines)
        )

    def table(self) -> page.File:
        """The numbers of the cards as CSV."""
        head = "photograph height width sigma method answer psnr_db psnr_missing_db ssim atoms_a_patch numbers_a_pixel seconds"
        photo = self.photo
        rows = [
            (
                photo.label,
                *photo.size,
                photo.sigma,
                answer.label,
                "coarse" if answer.is_coarse else "",
                *(answer.made.psnr, answer.made.psnr_missing, answer.made.ssim),
                *(answer.made.atoms, answer.made.non_zeros, answer.made.seconds),
            )
            for answer in [ShownAnswer("given", self.results.given), *self.results.shown]
        ]
        return page.csv(self.stem, lambda: page.table(head.split(), rows))


def _compare(psnr: float, others: Mapping[str, float]) -> str:
    """How far a PSNR in dB is from those of other methods."""
    distances = [
        _("{psnr} above {label}", psnr=phrases.decibels(psnr - other, 2), label=label)
        if psnr >= other
        else _("{psnr} below {label}", psnr=phrases.decibels(other - psnr, 2), label=label)
        for label, other in others.items()
    ]
    return f" {_('That is {beside}.', beside=listed(distances))}" if distances else ""


class Denoising(PhotoTask):
    """The noisy photograph is cleaned."""

    settled = N_("Drag the divider, or click a place to see its code.")

    def __init__(self, photo: Photo, is_compared: bool):
        super().__init__(photo, is_compared)
        self.limit = 3 if photo.pixels <= LARGE else 1
        # As `photographs.denoise` chooses
        best = defaults.PATCHES if photo.has_colour else defaults.PHOTOGRAPHS
        self.opens = (style.label(best),)

    @property
    def given(self) -> MadePicture:
        return answers.noisy(self.photo)

    def tasks(self, model: Model) -> list[Task]:
        strides = COARSE, answers.finest(self.photo, model)
        return [answers.clean(self.photo, model, stride) for stride in strides]

    def other_methods(self) -> dict[str, Task]:
        is_compared = self.is_compared and self.photo.pixels <= answers.MAX_MEANS
        return {url.PEER: answers.non_local_means(self.photo)} if is_compared else {}

    def draw_divider(self) -> None:
        photo, words = self.photo, _("as it came")
        if photo.is_clean:
            words = _("noisy, {psnr}", psnr=phrases.decibels(self.results.given.psnr, 2))
        row, column = clicked_patch.chosen_pixel(photo)
        data = {
            "channels": 3 if photo.has_colour else 1,
            "noisy": not photo.is_clean,
            "words": words,
            "place": {"row": row, "column": column, "side": coding.PATCH},
        }

        def take_place() -> None:
            place = map(int, st.session_state["cleaned"]["place"])
            st.query_params.update(zip(("row", "column"), map(str, place), strict=True))
            st.session_state["more"] = True

        draw_divider("cleaned", photo, self.results, data, on_place_change=errors.heard(take_place))

    def describe(self) -> str:
        photo, best = self.photo, self.results.best
        given = {"name": photo.name, "sigma": photo.sigma}
        if not best:
            return _("The noise of **{name}**, σ = {sigma}, is being removed.", **given)
        given |= {"solver": best.name, "psnr": best.psnr}
        if not photo.is_clean:
            return _("**{solver}** removes the noise of **{name}**, σ = {sigma}.", **given)
        others = {_("non-local means"): answer.made.psnr for answer in self.results.compared}
        if (bm3d := self._stored_bm3d()) is not None:
            others["BM3D"] = bm3d
        sentence = _("**{solver}** brings {name} to **{psnr}**.", **given)
        return sentence + _compare(best.made.psnr, others)

    def _stored_bm3d(self) -> float | None:
        """The PSNR of BM3D in dB, where it was measured."""
        photo = self.photo
        try:
            levels = published.read("photographs")["methods"]["bm3d"]["levels"]
            psnr = levels[str(photo.sigma)]["pictures"][photo.label]
        except KeyError:
            return None
        return None if photo.own or photo.has_colour else psnr

    def explain(self) -> str:
        best = self.results.best
        if not best:
            return ""
        sentences = []
        if best.made.psnr > self.results.given.psnr:
            sentences.append(
                _("At this λ structure is worth the price of an atom, and most noise is not.")
            )
        writes = N_("The picture is a sum of filters, {atoms:.1f} at each position on average.")
        if best.made.unit == "patch":
            writes = N_(
                "Every patch is a sum of {atoms:.1f} atoms on average, and a pixel is the average of the patches that cover it."
            )
        sentences.append(_(writes, atoms=best.made.atoms))
        if best.model.file and checkpoints.notes(best.model.file).get("loss") == "denoising":
            sentences.append(
                _(
                    "{solver}’s atoms and thresholds were trained to return clean patches from noisy ones, instead of to "
                    "minimise F.",
                    solver=best.name,
                )
            )
        return " ".join(sentences)

    def draw_figure(self) -> None:
        draw_cards(self.photo, self.results, self.results.solved, has_pictures=False)
        st.markdown(
            _(
                "In each patch a photograph is nearly a sum of few atoms, and noise is not: a sparse code tells them apart by "
                "this. What else it loses is bright in the picture of the error. Can the same atoms say what was never seen? "
                "Inpaint asks that."
            )
        )

    def draw_more(self) -> None:
        if self.patch:
            clicked_patch.draw(self.photo, *self.patch, self.ready)
        else:
            st.caption(_("A patch and its code are shown here once the atoms are learned."))
        noisy = ShownAnswer(N_("Noisy"), self.results.given)
        draw_cards(self.photo, self.results, [noisy, *self.results.compared])
        if self._stored_bm3d() is not None:
            st.caption(_(BM3D_SOURCE))
        if gates := describe_gates(published.read("gates")):
            st.caption(f"{_('**Do the gates help?**')} {gates}")

    @cached_property
    def patch(self) -> tuple[Model, clicked_patch.ClickedPatch] | None:
        """What a model makes of the chosen pixel: that of the answer in front, unless it fails."""
        front = self.results.front
        for model in sorted(self.ready, key=lambda model: not front or model != front.model):
            try:
                return model, clicked_patch.look_at(self.photo, model)
            except Failed:  # its answer fails as well, which is named
                continue
        return None

    @property
    def stem(self) -> str:
        return f"{super().stem}-sigma-{self.photo.sigma}"

    def options(self, model: Model) -> dict[str, object]:
        options, lam = super().options(model), answers.asked_lam(self.photo, model)
        options["stride"] = answers.finest(self.photo, model)
        return options if lam is None else options | {"lam": lam}

    def exports(self) -> tuple[list[page.File], str, str, str]:
        photo, noisy = self.photo, f"{self.stem}-noisy"
        files = [
            page.png(noisy, lambda: mosaics.png(self.results.given.picture, 3), _("Noisy (PNG)")),
            self.table(),
        ]
        if self.is_compared and self.patch:
            files.append(clicked_patch.download(self.patch[1]))
        source, opened = (
            f"{noisy}.png",
            f"noisy = peers.noisy(picture, {photo.sigma})  # of seed 0\n",
        )
        if not photo.is_clean:
            source, opened = photo.label, "noisy = picture\n"
        command = f"sc2viz denoise {shell(source)} clean.png --sigma {photo.sigma}"
        return files, self.source + opened, f"denoise(noisy, {photo.sigma} / 255, **how)", command


class Filling(PhotoTask):
    """What is missing is filled in from the other pixels of its patches."""

    limit, opens = 2, (style.label(defaults.FILLS),)
    settled = N_("Paint over the photograph for more. Drag the divider by its handle.")

    def draw_controls(self) -> None:
        kind = url.widget("lost")
        share = url.widget("share", width=300) if kind == "random" else 0
        self.lost, self.painted = _lose(self.photo, kind, share), None
        mark, painted = session.PAINTED.get()
        if mark == (self.photo.mark, self.photo.size):
            self.painted = painted
        self.missing = self.lost if self.painted is None else self.lost | self.painted
        share = self.missing.mean()
        self.amount = count(int(self.missing.sum()), "pixel") if share else ""
        if share >= 0.01:
            self.amount = _("{share:.0f} % of the pixels", share=100 * share)

    @property
    def given(self) -> MadePicture:
        return answers.with_holes(self.photo, self.missing)

    def tasks(self, model: Model) -> list[Task]:
        strides = COARSE, answers.finest(self.photo, model)
        return [answers.fill_in(self.photo, model, self.missing, stride) for stride in strides]

    def other_methods(self) -> dict[str, Task]:
        is_quick = (
            self.photo.pixels <= answers.MAX_BIHARMONIC
            and 0 < self.missing.mean() <= answers.MAX_MISSING
        )
        if not (self.is_compared and is_quick):
            return {}
        return {answers.BIHARMONIC: answers.biharmonic(self.photo, self.missing)}

    def draw_divider(self) -> None:
        photo, words = self.photo, _("paint over a part")
        if self.amount:
            words = _("{amount} missing", amount=self.amount)

        def address(name: str, mask: np.ndarray | None) -> str | None:
            """Of a PNG that is white where `mask` is True, else transparent."""
            if mask is None or not mask.any():
                return None
            return serve(photo, name, np.uint8(255) * mask[..., None].repeat(4, 2)).url

        data = {
            "mask": address("mask", self.lost),
            "painted": address("painted", self.painted),
            "words": words,
            "place": None,
        }

        def take_painted() -> None:
            """Keep what the reader painted: the PNG of a canvas, on the scale of the screen."""
            content = str(st.session_state["painter"]["painted"]).partition(",")[2]
            with Image.open(io.BytesIO(base64.b64decode(content)), formats=("PNG",)) as image:
                if image.width * image.height > MAX_PAINTED:
                    raise ValueError("what was painted is larger than a screen: reload the page")
                alpha = image.convert("RGBA").getchannel("A").resize(photo.size[::-1])
            mask = np.asarray(alpha) > 127
            session.PAINTED.set(((photo.mark, photo.size), mask if mask.any() else None))

        draw_divider(
            "painter", photo, self.results, data, on_painted_change=errors.heard(take_painted)
        )

    def describe(self) -> str:
        given, best = {"name": self.photo.name, "amount": self.amount}, self.results.best
        if not self.amount:
            return _(
                "Paint over something in the photograph, and it is filled in from what surrounds it."
            )
        if not best:
            return _("**{name}** is being filled in: {amount}.", **given)
        psnr = best.made.psnr_missing
        others = {_("biharmonic interpolation"): k.made.psnr_missing for k in self.results.compared}
        return _(
            "**{solver}** fills in {amount} of **{name}** with **{psnr}**.",
            solver=best.name,
            psnr=phrases.decibels(psnr, 2),
            **given,
        ) + _compare(psnr, others)

    def draw_figure(self) -> None:
        """Draw a part of the photograph, of what is known of it, and of the answers, around a missing pixel."""
        if not self.amount:
            return
        size = self.photo.size
        holes, opens = np.argwhere(self.missing), np.multiply(clicked_patch.OPENS, size)
        nearest = holes[np.abs(holes - opens).sum(1).argmin()]
        corner = np.clip(nearest - CLOSE_UP // 2, 0, np.maximum(np.subtract(size, CLOSE_UP), 0))
        part = tuple(slice(int(first), int(first) + CLOSE_UP) for first in corner)
        parts = [
            (_("Photograph"), levels(self.photo.floats(part))),
            (_("Missing"), self.results.given.picture[part]),
            *((answer.name, answer.made.picture[part]) for answer in self.results.shown),
        ]
        st.markdown(_("**Close up**"))
        st.html(patch_sums.draw_close_ups(parts))

    def draw_more(self) -> None:
        st.markdown(
            _(
                "Every patch is coded from the pixels of it that are known, which the mask $M$ keeps. A solver that takes no "
                "mask guesses the others, and guesses again from what it makes of them. Known pixels stay as they are."
            )
        )
        st.latex(r"\min_s\ \tfrac12\lVert M(x - Bs)\rVert^2 + \lambda\lVert s\rVert_1")
        if self.amount:
            missing = ShownAnswer(N_("Missing"), self.results.given)
            draw_cards(self.photo, self.results, [missing, *self.results.shown])

    @property
    def stem(self) -> str:
        return f"{super().stem}-filled"

    def options(self, model: Model) -> dict[str, object]:
        options = super().options(model)
        if self.photo.dictionary.kind == SHIPPED:  # `photographs.inpaint` takes the best by itself
            options.pop("dictionary", None)
        return options

    def exports(self) -> tuple[list[page.File], str, str, str]:
        mask, before = f"{self.stem}-mask", f"{self.stem}-before"
        masked, clean = np.uint8(255) * self.missing, levels(self.photo.floats())
        files = [
            page.png(mask, lambda: mosaics.png(masked, 3), _("Mask (PNG)")),
            page.png(before, lambda: mosaics.png(clean, 3), _("Photograph (PNG)")),
            self.table(),
        ]
        opened = f"""picture = files.read({literal(f"{before}.png")}).values
missing = files.read({literal(f"{mask}.png")}).values > 0.5
"""
        command = f"sc2viz inpaint {shell(f'{before}.png')} {shell(f'{mask}.png')} filled.png"
        return files, opened, "inpaint(picture, missing, **how)", command


def _lose(photo: Photo, kind: str, share: int) -> np.ndarray:
    """Where pixels are missing before the reader paints, (h, w) bool."""
    if kind == "random":
        return np.random.RandomState(0).random_sample(photo.size) < share / 100
    image = Image.new("1", photo.size[::-1])
    if kind == "text":
        draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=22)
        for line, top in enumerate(range(4, photo.size[0], 36)):
            text = (TEXT * 40)[11 * line % len(TEXT) :][: photo.size[1] // 8]
            draw.text((2, top), text, fill=1, font=font)
    return np.array(image)


class Writing(PhotoTask):
    """The photograph is written with few numbers."""

    opens = style.label(defaults.WRITES), models.EXACT.label
    settled = N_("Drag the divider. Move the slider for more or fewer numbers.")
    has_chart = True

    def draw_controls(self) -> None:
        self.few = url.widget("few", width=420)

    @property
    def given(self) -> MadePicture:
        return _as_it_is(self.photo)

    def tasks(self, model: Model) -> list[Task]:
        return [answers.approximate(self.photo, model, self.few, is_quick=True)]

    def later(self) -> list[Task]:
        """What is made with other numbers a pixel: of that, the numbers are kept, and no pictures."""
        numbers, missing = answers.desk().numbers, []
        self.points: dict[Model, list[tuple[float, float]]] = {}  # numbers a pixel, PSNR in dB
        for model in self.ready:
            self.points[model] = []
            for number in url.domain("few").options:
                task = answers.approximate(self.photo, model, number, is_quick=number == self.few)
                if (made := answers.desk().find(task)) is not None:
                    numbers[task.key] = made.non_zeros, made.psnr
                if task.key in numbers:
                    self.points[model].append(numbers[task.key])
                else:
                    missing.append(task)
        return missing

    def draw_divider(self) -> None:
        data = {"channels": 1, "noisy": True, "words": _("the photograph"), "place": None}
        draw_divider("cleaned", self.photo, self.results, data, on_place_change=lambda: None)

    def describe(self) -> str:
        name, best = self.photo.name, self.results.best
        if not best:
            return _(
                "**{name}** is being written with {few:g} numbers a pixel.",
                name=name,
                few=self.few,
            )
        return _(
            "**{solver}** writes **{name}** with {few:.2g} numbers a pixel, at **{psnr}**.",
            solver=best.name,
            name=name,
            few=best.made.non_zeros,
            psnr=best.psnr,
        )

    def draw_figure(self) -> None:
        lines = [
            patch_sums.PsnrCourse(
                _(model.label),
                model.solver,
                *np.reshape(sorted(points), (-1, 2)).T,
                style.dash(model),
            )
            for model, points in self.points.items()
        ]
        dark = st.context.theme.type == "dark"
        page.chart(patch_sums.draw_psnr_by_numbers(lines, self.few, dark), key="few-chart")
        st.caption(
            _(
                "Patches lie side by side. A photograph has one number a pixel, so that 0.1 is a tenth."
            )
        )

    @property
    def stem(self) -> str:
        return f"{super().stem}-few"

    def exports(self) -> tuple[list[page.File], str, str, str]:
        head = "method", "numbers_a_pixel", "psnr_db"
        rows = [(model.label, *point) for model, line in self.points.items() for point in line]
        label = self.photo.label if self.photo.own else f"{self.photo.label}.png"
        command = f"sc2viz approximate {shell(label)} few.png --non-zeros {self.few}"
        files = [page.csv(self.stem, lambda: page.table(head, rows))]
        return files, self.source, f"approximate(picture, {self.few}, **how)", command


@cache.cached
def _as_it_is(photo: Photo) -> MadePicture:
    return MadePicture(levels(photo.floats()), non_zeros=1.0)


TASKS = {"denoise": Denoising, "inpaint": Filling, "approximate": Writing}
