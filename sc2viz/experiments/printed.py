"""The numbers that the paper prints in Tables 1 and 2 (accuracy in %), what its rows can be checked against, and the errors
in its text and code."""

from typing import NamedTuple

TABLES = ("table1", "table2")
DATA = ("mnist", "cifar10")
SETTINGS = ("unsupervised", "supervised")
WHAT = (*TABLES, "equal", "cell", "figure4", "figure5", "figure6", "figure7", "sizes", "all")  # what `reproduce` knows

TABLE1 = {  # accuracies of ISTA, FISTA, LISTA, LFISTA, SLSTM
    ("mnist", "unsupervised"): (85.25, 86.65, 85.75, 85.55, 89.81),
    ("cifar10", "unsupervised"): (35.05, 36.75, 42.12, 42.75, 65.40),
    ("mnist", "supervised"): (86.05, 86.75, 87.55, 87.95, 94.31),
    ("cifar10", "supervised"): (51.05, 51.75, 52.35, 53.10, 79.53),
}
TABLE2 = {  # accuracies of LISTA, LFISTA, LISTA-SC2Net, LFISTA-SC2Net
    ("mnist", "unsupervised"): (85.25, 86.65, 88.75, 88.95),
    ("cifar10", "unsupervised"): (42.12, 42.75, 60.20, 60.50),
    ("mnist", "supervised"): (87.55, 87.95, 90.85, 91.60),
    ("cifar10", "supervised"): (52.35, 53.10, 71.10, 72.48),
}
METHODS = {
    "table1": ("ista", "fista", "lista-codes", "lfista-codes", "slstm"),
    "table2": ("lista-codes", "lfista-codes", "lista", "lfista"),
}


SAME = {"slstm-paper": "slstm"}  # the cell of Eq. (8) is the paper's SLSTM


def accuracy(table: str, data: str, setting: str, method: str) -> float | None:
    """The printed accuracy of a cell in %, or None if the table has no such cell."""
    method = SAME.get(method, method)
    if method not in METHODS[table]:
        return None
    values = {"table1": TABLE1, "table2": TABLE2}[table]
    return values[data, setting][METHODS[table].index(method)]


def highest(data: str, setting: str, method: str) -> float | None:
    """The higher of the two tables' printed accuracies of a method, or None if neither prints one."""
    found = [value for table in TABLES if (value := accuracy(table, data, setting, method)) is not None]
    return max(found, default=None)


def lead(data: str, setting: str) -> tuple[float, str]:
    """SLSTM's lead in Table 1 as printed, in points, and the best other method."""
    values = {method: accuracy("table1", data, setting, method) for method in METHODS["table1"]}
    mine = values.pop("slstm")
    rival = max(values, key=values.get)
    return mine - values[rival], rival


CODE = "https://github.com/joeyzhouty/SC2Net"  # the authors' released code
TEXT, OURS = "the paper’s text", "ours"
NOT_IN_CODE = {  # what cells "as printed" follow where the released code has no counterpart
    "unsupervised": {"slstm": TEXT},
    "supervised": {"slstm": TEXT} | dict.fromkeys(("ista", "fista", "lista-codes", "lfista-codes"), OURS),
}


def source(setting: str, method: str) -> str:
    """What a cell "as printed" follows: "the released code", "the paper’s text", or neither of them ("ours")."""
    return NOT_IN_CODE[setting].get(method, "the released code")


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


DIFFERENCES = (
    Difference("activation", r"shrinkage by $\theta_j = \lambda\kappa\tau\, e^{a_j}$, with exact zeros",
               r"double tanh, $h_{(D,u)}$, which is zero only at zero and does not follow λ"),
    Difference("biases", "$b_i$ and $b_f$ inside σ, learned", "none"),
    Difference("λ in the gates", r"$v_i$ and $v_f$ times $\log_{10}\lambda + 1$ inside σ, for networks that serve every λ",
               "none: a network for one λ"),
    Difference("κ", "the step is κτ; κ = 2 without labels, 1 with them", "the step is τ"),
    Difference("Δ (corrections)", r"$W_d = \kappa\tau B^\top + \Delta_d$, $W_e = I - W_d B + \Delta_e$, $\Delta$ from 0 on; "
               "the decoder is $B$", r"$W_d$ and $W_e$ are free, and the decoder is $W_d^\top/\tau$"),
    Difference("$i_0$ and $f_0$ (the gates at first)", "their matrices are zero: σ of the biases alone, and $f_0 = 1 - i_0$",
               "random matrices"),
    Difference("$f \\le 1 - i$", "networks with a norm have it, on other pages; the runs of this comparison do not", "none"),
)  # fmt: skip

SLIPS = (
    Slip("Eq. (2)", r"squares the norm: $\lambda\lVert s_i\rVert_1^2$", r"$\lambda\lVert s_i\rVert_1$, as in Eq. (4)"),
    Slip("Eq. (3)", "“the well-known ridge regression problem, which has a closed-form solution”, under a norm constraint",
         "the atoms are updated one at a time, each in the unit ball (Mairal et al. 2010), as in the experiments"),
    Slip("Abstract, introduction, below Eq. (4)", "call ISTA and its operator “hard thresholding”",
         "soft thresholding, as in the formula below Eq. (5)"),
    Slip("Eq. (4)–(6)", r"Eq. (4) has no ½, Eq. (6) implies one, and a factor 2 is lost from (5) to (6)",
         r"$F(s) = \tfrac12\lVert x - Bs\rVert^2 + \lambda\lVert s\rVert_1$ everywhere"),
    Slip("Eq. (8)", r"$h_{(D,H)}$ in the equation, $h_{(D,u)}$ in the text", "$u$"),
    Slip("Below Eq. (7)", r"applies the shrinkage to $\tilde c^{(t)}$", "$c^{(t)}$, as in Eq. (7)"),
    Slip("Eq. (11), (12)", r"$C \in \mathbb R^{d_s \times c}$, but $C_j$ is a row", r"$C$ of shape $c \times d_s$"),
    Slip("Setup", "CIFAR-10 features have 2,034 dimensions", "2,304 = 6 · 6 · 64, as in the cited network"),
    Slip("Convergence", "“RNN based … (LISTA and FISTA)”, “traditional … (ISTA and LFISTA)”",
         "FISTA and LFISTA exchanged"),
    Slip("Introduction, setup",
         "cite Blumensath and Davies (2008) for ISTA and FISTA, whose method is iterative hard thresholding",
         "Daubechies et al. (2004) for ISTA, Beck and Teboulle (2009) for FISTA"),
    Slip("Table 2", "MNIST, unsupervised: LISTA 85.25 and LFISTA 86.65, which are the numbers of ISTA and FISTA in Table 1; "
         "there LISTA and LFISTA have 85.75 and 85.55", "the higher number of the two tables"),
    Slip("Released code, ISTA", r"adds $\lambda\lVert Z\rVert_1$, summed over the batch, to the mean of the squared errors",
         "both are means over the pictures"),
)  # fmt: skip
