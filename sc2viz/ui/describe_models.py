"""What is said of the models that a reader chose: what is wrong, what to know of them, and the Python that builds them."""

import logging
from collections.abc import Sequence

from sc2viz.draw import style
from sc2viz.ui import models, phrases, sets, untrusted
from sc2viz.ui.models import ExactModel, Model
from sc2viz.ui.untrusted import plain
from sc2viz.words import _, localized, ngettext

_log = logging.getLogger("sc2viz")


def problem(model: Model) -> str:
    """Why the model cannot be built or cannot code the data at hand, for its chip; "" where it can."""
    if isinstance(model, ExactModel):
        return ""
    try:
        takes, given = models.seen(model).takes, len(sets.dictionary(model.data))
    except Exception as error:  # a mistake in a guest must not take the other solvers' pages away
        return wrong(model, error)
    fits = takes == given or model.traits.filters
    return (
        ""
        if fits
        else _("takes rows of {takes} numbers, and these have {given}", takes=takes, given=given)
    )


def wrong(model: Model, error: Exception) -> str:
    """What went wrong with a model, amid a sentence that names it: the file, the line and the message."""
    if not isinstance(error, ValueError):
        _log.warning("%s failed", model.label, exc_info=error)
        return f"{type(error).__name__}: {error}"
    return (
        f"it{said.removeprefix(model.name)}"
        if (said := str(error)).startswith(f"{model.name} ")
        else said
    )


def not_shown(model: Model, error: Exception | str) -> str:
    """The sentence, in Markdown, in the place of a card."""
    why = plain(error if isinstance(error, str) else wrong(model, error))
    return _("{solver} is not shown: {why}", solver=model.label, why=why)


def notes(chosen: Sequence[Model], steps: int, lam: float | None = None) -> list[str]:
    """What a reader must know of networks at T = `steps` and λ = `lam`, None for every λ: where that is not what they were
    trained for, and which are untrained."""
    said = []
    learned = [model for model in chosen if model.own_atoms]
    short = [
        _("{solver} for {most}", solver=model.label, most=most)
        for model in learned
        if (most := models.trained_to(model)) < steps
    ]
    if short:
        told = phrases.listed(short)
        said.append(
            _(
                "T = {steps} is more iterations than these were trained for: {told}.",
                steps=steps,
                told=told,
            )
        )
        own = {model: models.build(model) for model in learned}
        towards = [
            model for model in learned if own[model].traits.aims_at == "objective"
        ]  # others aim at no optimum
        if leaving := [
            model.label for model in towards if models.trained_to(model) == own[model].steps < steps
        ]:
            said[-1] += " " + _(
                "Beyond, {solvers} may leave the optimum.", solvers=phrases.listed(leaving)
            )
        beyond = {model.label: models.guard(model, False) for model in learned}
        if guarded := [
            label for label, most in beyond.items() if most is not None and most < steps
        ]:
            given = phrases.listed(guarded)
            said[-1] += " " + _(
                "There the safeguard acts on {solvers}, so that F does not rise.", solvers=given
            )
    narrow = [
        _("{solver} for λ = {lam} alone", solver=model.label, lam=localized(f"{model.lam:g}"))
        for model in learned
        if model.lam not in (None, lam)
    ]
    if narrow and lam is None:
        said.append(
            _(
                "Not every λ here is what these were trained for: {told}.",
                told=phrases.listed(narrow),
            )
        )
    elif narrow:
        said.append(
            _(
                "λ = {lam} is not what these were trained for: {told}.",
                lam=localized(f"{lam:g}"),
                told=phrases.listed(narrow),
            )
        )
    untrained = {
        style.label(model.solver): models.as_built(model) for model in chosen if not model.trained
    }
    if untrained:
        told = [
            _("{solver} is untrained here: it {does}.", solver=label, does=does)
            for label, does in untrained.items()
        ]
        said.append(" ".join(told))
    if without := list(
        dict.fromkeys(style.label(model.solver) for model in chosen if not model.traits.uses_lambda)
    ):
        said.append(
            ngettext(
                "{solvers} does not use λ.",
                "{solvers} do not use λ.",
                len(without),
                solvers=phrases.listed(without),
            )
        )
    for model in chosen:
        if len(chosen) > 1 and (why := models.aside(model)):
            said.append(_("{solver} {why}, so F does not rank it.", solver=model.label, why=why))
    return said


def hints(chosen: Sequence[Model]) -> dict[str, str]:
    """What the sliders say of solvers on which they act in another way, by slider."""
    without, atoms = (
        list(dict.fromkeys(style.label(model.solver) for model in chosen if odd(model.traits)))
        for odd in (lambda traits: not traits.uses_lambda, lambda traits: traits.counts == "atoms")
    )
    said = {}
    if without:
        said["lam"] = ngettext(
            "{solvers} does not use λ. Move T instead.",
            "{solvers} do not use λ. Move T instead.",
            len(without),
            solvers=phrases.listed(without),
        )
    if atoms:
        said["T"] = _("For {solvers}, T is the number of atoms.", solvers=phrases.listed(atoms))
    return said


def card_note(model: Model) -> str:
    """The note of its card, which says as well where the safeguard acts without being asked for."""
    beyond = models.guard(model, False)
    said = "" if beyond is None else _("with the safeguard beyond T = {beyond}", beyond=beyond)
    return ", ".join(filter(None, (model.note, said)))


def python(model: Model) -> str:
    """The expression that builds it, where B is the data set's dictionary."""
    if model.mark:
        return f"checkpoints.load({untrusted.literal(f'{model.solver}-yours.safetensors')})"
    if model.file:
        return f"checkpoints.load({untrusted.literal(model.file)})"
    given = ""
    for key, value in model.options.items():
        given += f", {key}={untrusted.literal(value) if isinstance(value, str) else repr(value)}"
    return f"solvers.build({untrusted.literal(model.solver)}, B{given})"


def python_x(chosen: Sequence[Model]) -> str:
    """The rows x in Python that the atoms of `solver` must reconstruct, where it may be any of the models."""
    return (
        "x"
        if all(models.offset(model) is None for model in chosen)
        else "solver.centred(x).detach()"
    )


def python_guard(chosen: Sequence[Model], steps: int, asked: bool) -> tuple[str, str]:
    """Python for the safeguard: a line that says where it acts, and the further arguments of `trace` for the solver `name`;
    both empty where it does not act."""
    if asked:
        return "", ", safeguard=True"
    found = {
        model.label: beyond
        for model in chosen
        if (beyond := models.acts_beyond(model, steps)) is not None
    }
    if not found:
        return "", ""
    line = f"beyond = {found!r}  # iterations, after which the safeguard acts on these networks\n".replace(
        "'", '"'
    )
    return line, ", safeguard=name in beyond, beyond=beyond.get(name, 0)"


def python_guard_of(model: Model, steps: int) -> str:
    """The further arguments of `trace` in Python for the safeguard of one model; "" where it does not act."""
    beyond = models.acts_beyond(model, steps)
    return "" if beyond is None else f", safeguard=True, beyond={beyond}"
