"""Read the records of runs: cells, leads, tables, and the words that pages and the documentation make of them.

grouping         runs by seed, means with their spread, and tables in Markdown
tables           means over seeds next to the numbers that the paper prints
leads            by how much one method leads another, and the p-values of paired tests
readme           the tables of the paper in the documentation; recovery_tables and sae_tables are the others
published        what others published of the recovery of known codes
"""
