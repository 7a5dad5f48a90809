"""Make the records of experiments. A run measures one method in one setting with one seed.

protocols           the paper's methods, settings and protocols, and the runs behind each of its tables and figures
runs                carries out such a run: loads or trains a network, measures it, writes one record
sae_runs            what encoders and dictionaries of sparse autoencoders cost
recovery_protocols  the recovery of true codes: its conditions, methods and runs; recovery_runs carries them out
printed             the numbers that the paper prints, its errors, and what of it the authors' released code has
records             how a record is written and read
"""
