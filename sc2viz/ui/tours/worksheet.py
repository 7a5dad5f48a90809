"""A tour's questions on one sheet of paper, and their answers on a second one."""

import segno

from sc2viz.classroom.question import Question
from sc2viz.ui import sidebar
from sc2viz.ui.tours import questions
from sc2viz.ui.tours.reading import Tour, TourStep
from sc2viz.ui.tours.truths import Sight
from sc2viz.words import templates


def html(tour: Tour, address: str) -> str:
    """The sheet as a page to print on A4. address: of the tour, for its QR code."""
    steps = [step for step in tour.steps if step.asks]
    image = segno.make(address, error="l").svg_data_uri(border=1, light="#fff", dark="#000")
    asked, solved = ([make(step) for step in steps] for make in (_question, questions.solved))
    return templates.filled(
        __file__, tour=tour, address=address, image=image, asked=asked, solved=solved
    )


def _question(step: TourStep) -> tuple[Question, str, str]:
    """A question, the picture that it is about and λ, "" where there are none."""
    sight = Sight.of(step.answered)
    question = step.asks.question.fit(questions.truth(step.asks, sight))
    if step.path in sidebar.ALONE:
        return question, "", ""
    return question, sight.picture(), f"λ\u00a0=\u00a0{sight.lam}"
