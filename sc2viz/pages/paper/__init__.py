"""The parts of "The paper, checked": the sentences, the figures, the table, and the dialog that a cell of it opens."""
