"""Read the records of runs: cells, leads, tables, and the words that pages and the documentation make of them.

grouping    runs by seed, means with their spread, and tables in Markdown
tables      what is published of the paper: means over seeds next to the numbers that it prints
leads       by how much one method leads another, and the p-values of paired tests
readme      the tables of the paper in the documentation
recovery_tables, sae_tables, photograph_tables    what is published of the other studies, and their tables
"""
