"""Read the records of runs: cells, leads, tables, and the words that pages and the documentation make of them.

published        what others published of the recovery of known codes
tables           means over seeds next to the printed numbers; leads: by how much one method leads another
readme           the tables of the paper in the documentation; recovery_tables and sae_tables are the others
"""
