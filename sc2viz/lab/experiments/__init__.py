"""Make the records of experiments. A run measures one method in one setting with one seed.

protocols     a run, and the runs behind each table and figure; protocols.toml has the methods and settings of all experiments
records       the record of a run, the files of records, and how an experiment is carried out
paper, recovery, autoencoders, photographs    how the runs of each part are measured; photographs has those of the gates
"""
