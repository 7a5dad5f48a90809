"""Autoencoders: autoencoders, the page; gaps, its boards; own, the reader's own."""
