"""The sentences of Known codes. All are computed from what the page shows."""

from collections.abc import Mapping, Sequence

from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.ui import phrases
from sc2viz.ui.known_codes import LAYERS, RECIPE
from sc2viz.ui.phrases import apart, decibels, listed
from sc2viz.words import _, count, ngettext


def sentence(layer: int, courses: Mapping[str, LayerCourse], best: ExactCodes) -> str:
    """Which solver finds the true codes best after a layer, which minimises F best, and whether they are the same."""
    if layer == 0:
        return _("Every solver starts with the empty code, at 0 dB: all of the true code is missing.")
    error, excess = ({label: getattr(one, part)[layer] for label, one in courses.items()} for part in ("nmse", "excess"))
    finds, least = min(error, key=error.get), min(excess, key=excess.get)
    given = {"finds": finds, "error": decibels(error[finds]), "apart": apart(excess[least])}
    if len(courses) == 1:
        return ngettext("After {n} layer, **{finds}** finds the true codes to {error}, and its F is {apart}.",
                        "After {n} layers, **{finds}** finds the true codes to {error}, and its F is {apart}.", layer,
                        **given)  # fmt: skip
    claim = ngettext("After {n} layer, **{finds}** finds the true codes best of the {all} solvers compared: **{error}**.",
                     "After {n} layers, **{finds}** finds the true codes best of the {all} solvers compared: **{error}**.",
                     layer, all=phrases.numeral(len(courses)), **given)  # fmt: skip
    if finds != least:
        return f"{claim} {_('But **{least}** has the lowest F: **{apart}**.', least=least, **given)}"
    given["optimum"] = decibels(best.nmse)
    lowest = (_("Its F is their lowest too, **{apart}**; the optimum itself has only **{optimum}**.", **given)
              if error[finds] < best.nmse
              else _("Its F is their lowest too, **{apart}**; the optimum itself has **{optimum}**.", **given))  # fmt: skip
    return f"{claim} {lowest}"


def moved(axis: str, stop: int, layer: int, own: Mapping[str, float], true: int) -> str:
    """What a slider does to the signal that is shown. own: its NMSE in dB by solver; true: its non-zeros."""
    finds = min(own, key=own.get)
    has = (_("With k = {stop}, this code has {true}.", stop=stop, true=count(true, "non-zero")) if axis == "k"
           else _("At {stop} dB of signal over noise, this code has {true}.", stop=stop,
                  true=count(true, "non-zero")))  # fmt: skip
    best = ngettext("**{finds}** finds it best: {error} after {n} layer.",
                    "**{finds}** finds it best: {error} after {n} layers.",
                    layer, finds=finds, error=decibels(own[finds]))  # fmt: skip
    return f"{has} {best}"


def why(best: ExactCodes, courses: Mapping[str, LayerCourse]) -> str:
    """Why the two rulers differ, with the numbers at hand, in at most three sentences."""
    finds = min(courses, key=lambda label: courses[label].nmse[-1])
    first = courses[finds]
    given = {"lam": best.lam, "shrunk": phrases.share(best.shrunk), "alarms": best.alarms, "missed": best.missed,
             "error": decibels(best.nmse)}  # fmt: skip
    charges = (_("F charges λ = {lam:g} for each unit of a weight, and its exact minimum has hits that are {shrunk} too "
                 "small, {alarms:.1f} false alarms and {missed:.1f} missed a code: it is {error} from the truth.", **given)
               if best.shrunk > 0
               else _("F charges λ = {lam:g} for each unit of a weight, and its exact minimum has {alarms:.1f} false alarms "
                      "and {missed:.1f} missed a code: it is {error} from the truth.", **given))  # fmt: skip
    nearer = _("nearer") if first.nmse[-1] < best.nmse else _("no nearer")
    nearer = nearer if decibels(first.nmse[-1]) != decibels(best.nmse) else _("as near")
    found = _("**{finds}** is {nearer}, {error}: after {layers} layers it has {alarms:.1f} false alarms and {missed:.1f} "
              "missed a code, and its F is {apart}.", finds=finds, nearer=nearer, error=decibels(first.nmse[-1]),
              layers=LAYERS, alarms=first.alarms[-1], missed=first.missed[-1], apart=apart(first.excess[-1]))  # fmt: skip
    oracle = (_("Least squares on the true support, which nobody knows, has {error}: the rest is noise.",
                error=decibels(best.oracle)) if best.determined
              else _("Least squares on the true support, which nobody knows, has {error}.",
                     error=decibels(best.oracle)))  # fmt: skip
    return f"{charges} {found} {oracle}"


def evolution(label: str, predicted: float, found: float) -> str:
    """What state evolution predicts of a solver after the last layer, in dB, beside what is measured."""
    return _("State evolution, the theory of {solver} for ever more Gaussian atoms, predicts {predicted} after {layers} "
             "layers; measured: {found}.", solver=label, predicted=decibels(predicted), layers=LAYERS,
             found=decibels(found))  # fmt: skip


def notes(best: ExactCodes, prices: Mapping[str, float], several: Mapping[str, int], elsewhere: Sequence[str]) -> list[str]:
    """What a reader must know: the λ, what a layer is, and which networks were trained for another problem. prices: the λ of
    solvers that have one of their own; several: atoms a layer by solver; elsewhere: the labels of these networks."""
    own = _("Solvers with a λ use it.")
    if prices:
        told = listed([_("{solver} has λ = {lam:.3g}", solver=label, lam=lam) for label, lam in prices.items()])
        own = _("{told}; other solvers with a λ use it.", told=told)
    said = [_("F is measured at λ = {lam:g}, whose exact codes have the least NMSE on {n} other signals. {own} ● hit, □ "
              "missed, × false alarm; the pale bars are the true code.", lam=best.lam, n=best.tuned, own=own)]  # fmt: skip
    said += [_("A layer of {solver} takes {each} atoms, so that {layers} layers can take {all}.", solver=label, each=each,
               layers=LAYERS, all=LAYERS * each) for label, each in several.items() if each > 1]  # fmt: skip
    if elsewhere:
        said.append(ngettext("{solvers} was trained for other signals: {k} non-zeros on average, {snr} dB.",
                             "{solvers} were trained for other signals: {k} non-zeros on average, {snr} dB.", len(elsewhere),
                             solvers=listed(elsewhere), k=RECIPE.k, snr=RECIPE.snr))  # fmt: skip
    return said
