"""Reproduce the paper's tables and figures. A run measures one method in one setting with one seed.

protocols   the methods, the settings, the two protocols, and the runs behind each table and figure
runs        carries out a run: loads or trains a network, measures it, writes one JSON file under pretrained/results/
records     how such a file is written
printed     the numbers that the paper prints, its errors, and what of it the authors' released code has
tables      reads the JSON files: means over seeds next to the printed numbers
leads       by how much one method leads another, and whether that is more than chance
readme      README's tables
recovery    the recovery of true codes: its conditions, methods and runs; `recovering` carries them out, and
            `recovery_tables` reads what they measured
autoencoders  what encoders and dictionaries of sparse autoencoders cost; `autoencoder_tables` reads what was measured
commands    the command `python -m sc2viz reproduce …`
"""
