"""Photograph.

photograph                      the page
noisy_photo, patch_dictionary   the photograph at hand with its noise, and the dictionary, as the sidebar says
denoise, inpaint, approximate   the three parts of the page
denoise_tasks, inpaint_tasks    what is computed for them
background_tasks                who computes it in the background, and for whom
answer_cards                    the answers that are there so far, side by side
divider                         before and after: divider.js draws them, noise.js the noise, painter.js the brush
clicked_patch                   the patch at the pixel that was clicked, and its code
describe_photograph             sentences
png_files, take_away            pictures as files for the browser, and what there is to take away
"""
