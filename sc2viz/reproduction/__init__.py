"""The paper's tables and figures as runs.

    protocols   what is run: methods, settings, the two protocols, and which runs make a table or a figure
    runs        a run carried out: a network found or trained, what it measures, one JSON a run under pretrained/results/
    printed     what the paper prints, and where it slips
    tables      the JSON files read back: means over seeds beside what is printed, and README's table
    commands    `python -m sc2viz reproduce …`
"""
