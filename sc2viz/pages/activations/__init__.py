"""Activations: the page, and live.js, which moves its curves while θ, R, D or u is dragged."""
