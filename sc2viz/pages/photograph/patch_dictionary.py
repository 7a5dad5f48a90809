"""The dictionary of the solvers that were not trained: the one that ships, one learned from the photograph at hand, or the
reader's own. Networks keep the atoms that they have learned."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from torch import Tensor

from sc2viz import patches
from sc2viz.pages.photograph.background_tasks import Task
from sc2viz.photographs import coding
from sc2viz.ui import own, url
from sc2viz.ui.cache import digest
from sc2viz.ui.untrusted import literal, shell
from sc2viz.words import _

SHIPPED, LEARNED, OWN = url.ATOMS
MOST_LEARNED = 4_200_000  # pixels of a photograph that atoms are learned from


@dataclass(frozen=True, eq=False)
class Atoms:
    """A dictionary for patches."""

    kind: str = SHIPPED
    given: Tensor | None = (
        None  # (d_x, d_s); None where the dictionary ships, or is not learned yet
    )
    mark: Hashable = SHIPPED  # stands for the dictionary in keys
    private: bool = False  # whether the dictionary is the reader's alone
    task: Task | None = None  # the task that learns the dictionary

    @property
    def there(self) -> bool:
        return self.kind == SHIPPED or self.given is not None

    @property
    def python(self) -> str:
        """The argument `dictionary` of `photographs` in Python."""
        return {SHIPPED: f'"{coding.FOLDER}"', LEARNED: f'"{coding.LEARNED}"', OWN: "B"}[self.kind]

    @property
    def lines(self) -> str:
        """The lines of Python that make B, where there is one."""
        if self.kind != OWN:
            return ""
        read = f'open({literal(own.dictionary.file_name())}, "rb").read()'
        return f"from sc2viz.files import dictionaries\n\nB, _ = dictionaries.patch_dictionary({read})\n"

    @property
    def command(self) -> str:
        """The option --dictionary on the command line."""
        named = {SHIPPED: coding.FOLDER, LEARNED: coding.LEARNED}
        return f"--dictionary {shell(own.dictionary.file_name()) if self.kind == OWN else named[self.kind]}"


def choose(values: np.ndarray, holes: bool) -> Atoms:
    """Draw the menu for a photograph (h, w) or (h, w, 3); `holes`: whether pixels are missing, from which no atoms can be
    learned."""
    learnable = not holes and values.shape[0] * values.shape[1] <= MOST_LEARNED
    options = [kind for kind in url.ATOMS if learnable or kind != LEARNED]
    if url.now("patch_dictionary") not in options:
        st.session_state["patch_dictionary"] = SHIPPED
    kind = url.widget("patch_dictionary", options=options)
    if kind == OWN:
        own.dictionary.controls(None)
        given = own.dictionary.brought(None)
        if given is not None and patches.layout(len(given))[1] > values[0, 0].size:
            st.warning(
                _("These atoms are colour patches: choose a photograph in colour."),
                icon=":material/palette:",
            )
            given = None
        return Atoms() if given is None else Atoms(OWN, given, digest([given]), True)
    return Atoms(kind)
