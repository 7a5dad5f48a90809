"""A tour's questions on one sheet of paper, and their answers on a second one."""

from __future__ import annotations

from html import escape

import segno

from sc2viz.classroom.question import Question
from sc2viz.draw import mosaics
from sc2viz.ui import sidebar
from sc2viz.ui.tours import questions
from sc2viz.ui.tours.reading import Tour, TourStep
from sc2viz.ui.tours.truths import Sight

_LOOK = """@page { size: A4; margin: 12mm; }
body { font: 9.5pt/1.3 system-ui, sans-serif; color: #000; background: #fff; max-width: 186mm; margin: auto; }
header { display: flex; justify-content: space-between; gap: 8mm; border-bottom: 1px solid; padding-bottom: 2mm; }
h1 { font-size: 15pt; margin: 0 0 1mm; } header p, li p { margin: 0; } header img { width: 24mm; height: 24mm; }
ol { columns: 2; column-gap: 8mm; margin: 3mm 0 0; padding-left: 6.5mm; } .answers { columns: 1; break-before: page; }
li { break-inside: avoid; margin-bottom: 3mm; } .answers li { margin-bottom: 2mm; }
li img { float: right; width: 13mm; height: 13mm; object-fit: contain; image-rendering: pixelated; margin-left: 2mm; }
.scale { display: flex; gap: 2mm; align-items: end; margin-top: 5mm; font-size: 8.5pt; clear: both; }
.scale i { flex: 1; height: 2.5mm; border: solid; border-width: 0 1px 1px; }"""


def html(tour: Tour, address: str, note: str = "") -> str:
    """The sheet as a page to print on A4. address: of the tour, for its QR code. note: what a teacher must know of it."""
    steps = [step for step in tour.steps if step.asks]
    image = segno.make(address, error="l").svg_data_uri(border=1, light="#fff", dark="#000")
    asked, solved = ("".join(f"<li>{made}</li>" for made in map(make, steps)) for make in (_question, questions.solved))
    told = f"<p>{escape(note)}</p>" if note else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(tour.title)}</title><style>{_LOOK}</style>'
        f"<header><div><h1>{escape(tour.title)}</h1><p>Guess first. Then open the live view and see.</p>"
        f'<p>{escape(address)}</p>{told}</div><img src="{image}" alt="QR code of the address"></header>'
        f'<ol>{asked}</ol><ol class="answers">{solved}</ol></html>'
    )


def _question(step: TourStep) -> str:
    question, sight = step.asks.question, Sight.of(step.query)
    picture = ""
    if step.path not in sidebar.ALONE and sight.view.shape:
        picture = f'<img src="{mosaics.data_uri(mosaics.mosaic(sight.x, sight.view.shape))}" alt="The picture at hand">'
    where = f"λ\u00a0=\u00a0{sight.view.lam:g}" if step.path not in sidebar.ALONE else ""
    return f"{picture}<p>{escape(question.words)} {where and f'({where})'}</p>{_room(question)}"


def _room(question: Question) -> str:
    """The room to answer: boxes, or a scale and a line."""
    if question.choices:
        return "".join(f"<p>☐ {escape(each)}</p>" for each in question.choices)
    low, high = (f"{end:g}".replace("-", "−") for end in (question.low, question.high))
    return f'<div class="scale">{low}<i></i>{high} {escape(question.unit)}</div>'
