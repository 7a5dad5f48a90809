"""The sentences of Autoencoders. All are computed from what the page shows."""

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from sc2viz.analysis.encoder_gap import GapCourse, StepCourse
from sc2viz.experiments.sae_runs import BAR_SEEDS
from sc2viz.ui import phrases
from sc2viz.ui.known_codes import ROWS
from sc2viz.ui.phrases import form, listed, numeral, objective, percent

BAR = f"D★ is the best of {numeral(len(BAR_SEEDS))} learned dictionaries, and not certified."
LITTLE = 0.25  # the share of F(0) that exact codes must save, else λ is so large that gaps in % say little
EQUATION = (
    r"F(s, D) - F^\ast(D^\star) \;=\; \underbrace{F(s, D) - F^\ast(D)}_{\text{the encoder’s gap, } \ge 0} \;+\; "
    r"\underbrace{F^\ast(D) - F^\ast(D^\star)}_{\text{the dictionary’s}}"
)


def tenths(value: float) -> str:
    """A number in % with one decimal, as the tables have it, so that gaps add up on the screen."""
    return f"{value:z.1f}\u00a0%".replace("-", "−")


def saved(one: GapCourse, k: int) -> float:
    """The share of F of the empty code that exact codes save at stop `k` of λ."""
    return 1 - float(one.optimum[k] / one.empty[k])


def told(courses: Mapping[str, GapCourse], k: int) -> str:
    """The label of the encoder that is spoken of: the first whose λ is not so large that gaps say little."""
    return next((label for label, one in courses.items() if saved(one, k) >= LITTLE), next(iter(courses)))


def sentence(courses: Mapping[str, GapCourse], k: int) -> str:
    """Whether the encoder or the dictionary costs more at stop `k` of λ: the two numbers of an encoder, how many of the
    others agree, and what D★ is."""
    first = told(courses, k)
    others = [label for label in courses if label != first]
    encoder, own = (float(getattr(courses[first], part)[k]) for part in ("encoder", "dictionary"))
    more = encoder > own
    said = (
        f"**{first}**’s encoder costs **{tenths(encoder)}** of F*(D★), its dictionary **{tenths(own)}**: "
        f"the {'encoder' if more else 'dictionary'} costs more"
    )
    if not others:
        return f"{said}. {BAR}"
    odd = [label for label in others if (courses[label].encoder[k] > courses[label].dictionary[k]) != more]
    if len(others) == 1:
        return f"{said}, {'not ' if odd else ''}as with {others[0]}. {BAR}"
    if not odd:
        return f"{said}, as with the other {numeral(len(others))} kinds. {BAR}"
    agree = len(others) - len(odd)
    return f"{said}, as with {numeral(agree)} of the other {numeral(len(others))} kinds; not with {listed(odd)}. {BAR}"


def costs(courses: Mapping[str, GapCourse], k: int) -> str:
    """What each encoder and its dictionary cost at stop `k` of λ."""
    told = [
        f"**{label}**: its encoder costs **{tenths(float(one.encoder[k]))}** of F*(D★), its dictionary "
        f"{tenths(float(one.dictionary[k]))}."
        for label, one in courses.items()
    ]
    return " ".join(told)


def recorded(found: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """The same from records alone, the metrics of each seed by label: "" where there are none."""
    means = {label: [fmean(each[key] for each in by_seed) for key in ("percent", "dictionary_percent")]
             for label, by_seed in found.items() if by_seed}  # fmt: skip
    if not means:
        return ""
    parts = [f"**{label}** {tenths(encoder)} and {tenths(own)}" for label, (encoder, own) in means.items()]
    costlier = sum(encoder > own for encoder, own in means.values())
    return (
        f"The encoder costs more than its dictionary with {numeral(costlier)} of {numeral(len(means))} kinds, on all test "
        f"rows: {', '.join(parts)}. {BAR}"
    )


def why(label: str, one: GapCourse, k: int, steps: int) -> str:
    """What makes the two gaps of an encoder of so many steps, with its numbers."""
    cannot = ", because they weigh each atom against the others, which one product and a threshold cannot"
    own, exact = (f"{count[k]:.1f}" for count in (one.count, one.exact_count))
    sparser = "as sparse" if own == exact else "sparser" if one.exact_count[k] < one.count[k] else "less sparse"
    return (
        f"At λ = {one.lam[k]:.3g} the codes of **{label}** have F = {objective(one.F[k])}; exact codes on the same atoms "
        f"have {objective(one.optimum[k])}{cannot if steps == 1 else ''}. "
        f"Its atoms were learned with that encoder: D★, learned with exact codes, has {objective(one.bar[k])}. "
        f"Exact codes are {sparser}, with {exact} non-zeros for its {own}."
    )


def notes(courses: Mapping[str, GapCourse], k: int, lam: float, count: float) -> list[str]:
    """What a reader must know of the bars at stop `k` of λ. count: the non-zeros of exact codes on D★ at its λ, `lam`."""
    said = [
        f"Means over the first {ROWS} test rows; every optimum is certified. Each encoder has the λ at which it, or "
        "exact codes on its atoms, have ten non-zeros on training rows that nothing was learned from; on these test rows, "
        f"exact codes on D★ have {count:.1f} at its λ = {lam:.3g}. Where a dictionary is better than D★, its gap is below 0."
    ]
    if small := [label for label, one in courses.items() if saved(one, k) < LITTLE]:
        most = max(saved(courses[label], k) for label in small)
        lam = min(float(courses[label].lam[k]) for label in small)
        widest = tenths(max(float(courses[label].encoder[k]) for label in small))
        said.append(
            f"{listed(small)} {form(len(small), 'has', 'have')} so large a λ, {lam:.3g} or more, that even exact codes "
            f"lower F by {percent(100 * most)} at most: little is coded there, and the largest encoder’s gap is {widest}."
        )
    return said


def steps(T: int, trained: Mapping[int, float], built: Mapping[str, StepCourse], cost: int) -> str:
    """What T trained steps reach, what is left of the encoder's gap, and what a built solver needs for as much."""
    if T not in trained:
        return f"After {phrases.count(T, 'step')}: " + ", ".join(
            f"{label} {percent(float(one.excess[T]))} above F*(D★)" for label, one in built.items()
        )
    said = f"**{numeral(T).capitalize()} {form(T, 'step', 'steps')}**, trained on D★: **{percent(trained[T])}** above F*(D★)"
    if T > 1 and 1 in trained:
        gone = 1 - trained[T] / trained[1]
        said += f", {percent(100 * gone)} of the gap of one step is gone" if gone > 0 else ", no better than one step"
    said += f", for {cost:,} multiplications a row."
    needs = [f"{label} {_needs(one, trained[T])}" for label, one in built.items()]
    return f"{said} {'; '.join(needs)}." if needs else said


def _needs(one: StepCourse, excess: float) -> str:
    """After how many steps a course is as near."""
    near = np.flatnonzero(one.excess <= excess)
    if len(near):
        return f"needs {near[0]} for as much ({one.multiplications[near[0]] / 1000:,.0f} thousand)"
    return f"is {percent(float(one.excess[-1]))} above after {len(one.excess) - 1}"


def half(trained: Mapping[int, float]) -> str:
    """At which T half of the gap of one step is gone."""
    if len(trained) < 2 or 1 not in trained:
        return ""
    at = next((T for T, excess in sorted(trained.items()) if excess <= trained[1] / 2), None)
    if at is not None:
        return f"Half of the encoder’s gap is gone at T = {at}."
    last = max(trained)
    return f"At T = {last}, {percent(100 * (1 - trained[last] / trained[1]))} of the encoder’s gap is gone."


def atoms(label: str, dead: int, count: int, rows: int) -> str:
    """How many atoms are dead."""
    died = form(dead, f"one of {count} atoms is dead", f"{dead} of {count} atoms are dead")
    return f"**{label}**: {died if dead else f'no atom of {count} is dead'} on {rows:,} test rows"


def equal_k(found: Sequence[tuple[str, float, float]], k: int) -> str:
    """R² of encoders of fixed k beside OMP. found: label, R², that of OMP on the same atoms."""
    parts = [f"**{label}** {r2:.3f}, OMP {omp:.3f}" for label, r2, omp in found]
    return (
        f"R² with about {k} atoms a row, on the same atoms: {'; '.join(parts)}. This is no gap: the best {k} atoms of a "
        "row are an ℓ₀ problem, which has no certificate, and OMP is greedy as well. Its codes may have any sign."
    )


def averaged(seeds: int) -> str:
    """What the numbers of the table are."""
    return f"Means of {numeral(seeds)} seeds ± their standard deviation" if seeds > 1 else "Numbers of one seed"


def known_codes(finds: str, mcc: float, r2: float, explains: str, other_mcc: float, other_r2: float) -> str:
    """That MCC and R² disagree: who finds most, and who explains most."""
    if finds == explains:
        return f"**{finds}** finds the most, MCC {mcc:.3f}, and explains the most, R² {r2:.3f}."
    return (
        f"**{explains}** explains the most (R² **{other_r2:.3f}**), with MCC **{other_mcc:.3f}**; **{finds}** finds the "
        f"most (MCC **{mcc:.3f}**) and explains less (R² **{r2:.3f}**)."
    )
