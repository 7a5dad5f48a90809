"""The numbers that the paper prints in Tables 1 and 2 (accuracy in %), what its rows can be checked against, and the errors
in its text and code. They stand in printed.toml."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from sc2viz.words import N_

TABLES = ("table1", "table2")
DATA = ("mnist", "cifar10")
SETTINGS = ("unsupervised", "supervised")
WHAT = (
    *TABLES,
    "equal",
    "cell",
    "figure4",
    "figure5",
    "figure6",
    "figure7",
    "sizes",
    "all",
)  # what `reproduce` knows

SAID = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
METHODS = {table: tuple(SAID[table]["methods"]) for table in TABLES}
SAME = {"slstm-paper": "slstm"}  # the cell of Eq. (8) is the paper's SLSTM


def accuracy(table: str, data: str, setting: str, method: str) -> float | None:
    """The printed accuracy of a cell in %, or None if the table has no such cell."""
    method = SAME.get(method, method)
    if method not in METHODS[table]:
        return None
    return SAID[table][data][setting][METHODS[table].index(method)]


def highest(data: str, setting: str, method: str) -> float | None:
    """The higher of the two tables' printed accuracies of a method, or None if neither prints one."""
    found = [
        value for table in TABLES if (value := accuracy(table, data, setting, method)) is not None
    ]
    return max(found, default=None)


def lead(data: str, setting: str) -> tuple[float, str]:
    """SLSTM's lead in Table 1 as printed, in points, and the best other method."""
    values = {method: accuracy("table1", data, setting, method) for method in METHODS["table1"]}
    mine = values.pop("slstm")
    rival = max(values, key=values.get)
    return mine - values[rival], rival


CODE = "https://github.com/joeyzhouty/SC2Net"  # the authors' released code
CODE_ITSELF, TEXT, OURS = N_("the released code"), N_("the paper’s text"), N_("ours")
NOT_IN_CODE = {  # what cells "as printed" follow where the released code has no counterpart
    "unsupervised": {"slstm": TEXT},
    "supervised": {"slstm": TEXT}
    | dict.fromkeys(("ista", "fista", "lista-codes", "lfista-codes"), OURS),
}


def source(setting: str, method: str) -> str:
    """What a cell "as printed" follows: "the released code", "the paper’s text", or neither of them ("ours")."""
    return NOT_IN_CODE[setting].get(method, CODE_ITSELF)


class Slip(NamedTuple):
    """An error in the paper or in its released code, and what is used here instead."""

    where: str
    printed: str
    taken: str


class Difference(NamedTuple):
    """What the cell that is compared under "fair" has, and Eq. (8) has in its place."""

    what: str
    ours: str
    printed: str


DIFFERENCES = tuple(Difference(**said) for said in SAID["differences"])
SLIPS = tuple(Slip(**said) for said in SAID["slips"])
