"""Photograph: photograph, the page; subject, which picture and its noise; work, the answers that are made in the background;
place, what happens at one pixel; describe, the sentences; divider, before and after under one line."""
