"""What is said of the models that a reader chose: what is wrong, what to know of them, and the Python that builds them."""

import json
import logging
from collections.abc import Sequence

from sc2viz.ui import models, sets, untrusted
from sc2viz.ui.models import ExactModel, Model
from sc2viz.ui.phrases import listed
from sc2viz.words import _, localized, ngettext

_log = logging.getLogger("sc2viz")


def problem(model: Model) -> str:
    """Return why the model cannot be built or cannot code the data at hand, for its chip; "" where it can."""
    if isinstance(model, ExactModel):
        return ""
    try:
        d_x, numbers = models.facts(model).d_x, len(sets.dictionary(model.data))
    except Exception as error:  # a mistake in a guest must not take the other solvers' pages away
        return describe_failure(model, error)
    if d_x == numbers or model.traits.filters:
        return ""
    return _("takes rows of {d_x} numbers, and these have {numbers}", d_x=d_x, numbers=numbers)


def describe_failure(model: Model, error: Exception) -> str:
    """Return what went wrong with a model, to stand amid a sentence that names it. It is the message of a ValueError; of
    another error its type and message, which go to the log as well."""
    if not isinstance(error, ValueError):
        _log.warning("%s failed", model.label, exc_info=error)
        return f"{type(error).__name__}: {error}"
    message = str(error)
    return (
        f"it{message.removeprefix(model.name)}" if message.startswith(f"{model.name} ") else message
    )


def not_shown(model: Model, error: Exception | str) -> str:
    """Return the sentence, in Markdown, in the place of a model's card: that it is not shown, and why. error: what was
    raised, or the reason."""
    reason = untrusted.plain(error if isinstance(error, str) else describe_failure(model, error))
    return _("{solver} is not shown: {reason}", solver=model.label, reason=reason)


def notes(chosen: Sequence[Model], steps: int, lam: float | None = None) -> list[str]:
    """Return sentences on what a reader must know of networks at T = `steps` and λ = `lam`, None for every λ: where that is
    not what they were trained for, and which are untrained."""
    learned = [model for model in chosen if model.own_atoms]
    sentences = []
    limits = {model.label: models.trained_to(model) for model in learned}
    limits = {label: limit for label, limit in limits.items() if limit < steps}
    if limits:
        trained_for = [
            _("{solver} for {limit}", solver=label, limit=limit) for label, limit in limits.items()
        ]
        sentence = _(
            "T = {steps} is more iterations than these were trained for: {limits}.",
            steps=steps,
            limits=listed(trained_for),
        )
        guarded = [model.label for model in learned if models.acts_beyond(model, steps) is not None]
        if guarded:
            safeguard = _(
                "There the safeguard acts on {solvers}, so that F does not rise.",
                solvers=listed(guarded),
            )
            sentence = f"{sentence} {safeguard}"
        sentences.append(sentence)
    narrow = [
        _("{solver} for λ = {lam} alone", solver=model.label, lam=localized(f"{model.lam:g}"))
        for model in learned
        if model.lam not in (None, lam)
    ]
    if narrow:
        sentences.append(
            _("Not every λ here is what these were trained for: {solvers}.", solvers=listed(narrow))
        )
    untrained = {model.name: models.as_built(model) for model in chosen if not model.trained}
    if untrained:
        sentences.append(
            " ".join(
                _("{solver} is untrained here: it {predicate}.", solver=label, predicate=predicate)
                for label, predicate in untrained.items()
            )
        )
    sentences += filter(None, [hints(chosen).get("lam")])
    sentences += [
        _("{solver} {reason}, so F does not rank it.", solver=model.label, reason=reason)
        for model in chosen
        if len(chosen) > 1 and (reason := models.why_unranked(model))
    ]
    return sentences


def hints(chosen: Sequence[Model]) -> dict[str, str]:
    """Return a sentence for each slider, "lam" or "T", that acts in another way on some of the chosen models."""
    sentences = {}
    # Models of one solver have its name once.
    if names := [*dict.fromkeys(model.name for model in chosen if not model.traits.uses_lambda)]:
        sentences["lam"] = ngettext(
            "{solvers} does not use λ. Move T instead.",
            "{solvers} do not use λ. Move T instead.",
            len(names),
            solvers=listed(names),
        )
    if names := [*dict.fromkeys(model.name for model in chosen if model.traits.counts == "atoms")]:
        sentences["T"] = _("For {solvers}, T is the number of atoms.", solvers=listed(names))
    return sentences


def card_note(model: Model) -> str:
    """Return the note of a model's card, which says as well where the safeguard acts without being asked for."""
    beyond = models.guard(model, False)
    if beyond is None:
        return model.note
    safeguard = _("with the safeguard beyond T = {beyond}", beyond=beyond)
    return ", ".join(filter(None, (model.note, safeguard)))


# Python ---------------------------------------------------------------------------------------------------------------


def python(model: Model) -> str:
    """Return the Python expression that builds the model, where B is the data set's dictionary."""
    file = f"{model.solver}-yours.safetensors" if model.mark else model.file
    if file:
        return f"checkpoints.load({untrusted.literal(file)})"
    options = "".join(
        f", {key}={untrusted.literal(value) if isinstance(value, str) else repr(value)}"
        for key, value in model.options.items()
    )
    return f"solvers.build({untrusted.literal(model.solver)}, B{options})"


def python_x(chosen: Sequence[Model]) -> str:
    """Return the Python expression of the rows that the atoms of `solver` must reconstruct, where `solver` may be any of the
    chosen models."""
    has_offset = any(models.offset(model) is not None for model in chosen)
    return "solver.centred(x).detach()" if has_offset else "x"


def python_guard(chosen: Sequence[Model], steps: int, is_asked: bool) -> tuple[str, str]:
    """Return Python for the safeguard: a line that says where it acts, and the further arguments of `trace` for the solver
    `name`; both are "" where it does not act."""
    if is_asked:
        return "", ", safeguard=True"
    limits = {model.label: models.acts_beyond(model, steps) for model in chosen}
    limits = {label: beyond for label, beyond in limits.items() if beyond is not None}
    if not limits:
        return "", ""
    line = f"beyond = {json.dumps(limits, ensure_ascii=False)}  # iterations, after which the safeguard acts on these networks\n"
    return line, ", safeguard=name in beyond, beyond=beyond.get(name, 0)"


def python_guard_of(model: Model, steps: int) -> str:
    """Return the further arguments of `trace` in Python for the safeguard of one model; "" where it does not act."""
    beyond = models.acts_beyond(model, steps)
    return "" if beyond is None else f", safeguard=True, beyond={beyond}"
