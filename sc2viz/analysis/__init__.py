"""Numbers about codes, iterations and atoms, which pages show."""
