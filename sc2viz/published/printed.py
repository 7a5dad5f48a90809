"""The paper's methods, the numbers that it prints in Tables 1 and 2 (accuracy in %), what its rows can be checked against, and
the errors in its text and code. The numbers stand in printed.toml."""

from pathlib import Path
from typing import NamedTuple

from sc2viz import words
from sc2viz.words import N_

TABLES = ("table1", "table2")
DATA = ("mnist", "cifar10")
NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10"}
SETTINGS = ("unsupervised", "supervised")
LABELS = {"unsupervised": N_("without labels"), "supervised": N_("with labels")}
LAMBDA = 0.1  # the paper's λ
ATOMS = 100  # of its dictionaries
SIZES = (50, 100, 200, 400)  # numbers of atoms that it compares without numbers


class Method(NamedTuple):
    """A method of the tables. `solver` is None if no solver runs; `loss` is the loss of training without labels, if any.

    `cell` is the preset that a network is built with where that is not the one of the protocol. Its rates are then tuned.
    """

    label: str
    solver: str | None = None
    loss: str | None = None
    cell: str | None = None


METHODS = {
    "raw": Method(N_("No coding")),
    "head": Method(N_("Features’ classifier")),
    "ista": Method("ISTA", "ista"),
    "fista": Method("FISTA", "fista"),
    "exact": Method(N_("Converged")),
    "lista-codes": Method("LISTA", "lista", "codes"),
    "lfista-codes": Method("LFISTA", "lfista", "codes"),
    "lista": Method("LISTA-SC2Net", "lista", "sc2net"),
    "lfista": Method("LFISTA-SC2Net", "lfista", "sc2net"),
    "slstm": Method("SLSTM", "slstm", "sc2net"),
    "slstm-paper": Method("SLSTM, Eq. (8)", "slstm", "sc2net", cell="paper"),
}

CELL = "slstm-paper"  # the paper's own cell, Eq. (8), which the fair protocol trains as well
TABLE_METHODS = {
    "table1": (
        "raw",
        "head",
        "ista",
        "fista",
        "exact",
        "lista-codes",
        "lfista-codes",
        "slstm",
        CELL,
    ),
    "table2": ("lista-codes", "lfista-codes", "lista", "lfista"),
}
FIGURE6 = ("ista", "fista", "lista", "lfista", "slstm")
FIGURE7 = ("ista", "fista", "exact", "lista", "lfista", "slstm")
# Methods that Figure 7 also shows on a dictionary that is learned at each λ
FIGURE7_OWN = "ista", "fista", "exact"
PICTURED = ("exact", "ista", "fista", "lista-codes", "lfista-codes", "lista", "lfista", "slstm")
SIZED = ("ista", "fista", "lista-codes", "lfista-codes", "slstm")

TEXTS = words.read(Path(__file__).with_suffix(".toml"))
PRINTED = {table: tuple(TEXTS[table]["methods"]) for table in TABLES}  # the methods of each table
RIVALS = PRINTED["table1"][:-1]  # Table 1's methods but SLSTM
SAME_LOSS = ("lista", "lfista")  # the networks of Table 2, which are trained with SLSTM's own loss
SAME = {"slstm-paper": "slstm"}  # the cell of Eq. (8) is the paper's SLSTM


def accuracy(table: str, data: str, setting: str, method: str) -> float | None:
    """The printed accuracy of a cell in %, or None if the table has no such cell."""
    method = SAME.get(method, method)
    if method not in PRINTED[table]:
        return None
    return TEXTS[table][data][setting][PRINTED[table].index(method)]


def highest(data: str, setting: str, method: str) -> float | None:
    """The higher of the two tables' printed accuracies of a method, or None if neither prints one."""
    accuracies = [
        value for table in TABLES if (value := accuracy(table, data, setting, method)) is not None
    ]
    return max(accuracies, default=None)


def lead(data: str, setting: str) -> tuple[float, str]:
    """SLSTM's lead in Table 1 as printed, in points, and the best other method."""
    values = {method: accuracy("table1", data, setting, method) for method in PRINTED["table1"]}
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


def columns(table: str, data: str, setting: str) -> list[str]:
    """The methods of a table in its order, including those that are not in the paper."""
    methods = [method for method in TABLE_METHODS[table] if method != "head" or data == "cifar10"]
    return [method for method in methods if method != "exact" or setting == "unsupervised"]


def labels_seen(data: str, setting: str) -> bool:
    """Whether labels of training rows went into the codes: by the networks' loss, or by CIFAR-10's features."""
    return setting == "supervised" or data == "cifar10"


# What the cell that is compared under "fair" has, and Eq. (8) has in its place
DIFFERENCES = TEXTS["differences"]
# The errors in the paper and in its released code, and what is used here instead
SLIPS = TEXTS["slips"]
