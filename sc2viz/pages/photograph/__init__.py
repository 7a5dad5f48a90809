"""Photograph, a page: see photograph.py."""
