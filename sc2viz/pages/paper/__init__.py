"""The parts of "The paper, checked": what is said of the numbers, the table whose cells open, and what they open."""
