"""Make the records of experiments. A run measures one method in one setting with one seed.

records             a run, its record, the files of records, and how an experiment is carried out: what all kinds share
protocols           the paper's methods, settings and protocols, and the runs behind each of its tables and figures
runs                how such a run is measured: it loads or trains a network, and looks at its codes
recovery_protocols  the recovery of true codes: its conditions, methods and runs; recovery_runs measures them
sae_runs            what encoders and dictionaries of sparse autoencoders cost
printed             the numbers that the paper prints, its errors, and what of it the authors' released code has
"""
