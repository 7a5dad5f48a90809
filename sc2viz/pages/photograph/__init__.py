"""Photograph.

photograph                      the page
subject, atoms                  which photograph, its noise, and the dictionary
denoise, inpaint, approximate   what is done with it
making, filling                 what is computed for that
work                            who computes it in the background, and for whom
answers                         what is there so far, side by side
divider                         before and after under one line; the JavaScript draws it, its noise and the brush
place                           what happens at one pixel
describe, drawing, take_away    sentences, pictures as files, and what there is to take away
"""
