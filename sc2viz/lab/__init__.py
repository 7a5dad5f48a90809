"""Research apart from the app: experiments and their records, reports on them, benchmarks, and the makers of weights.

experiments   what each run is, and how it is measured and recorded
reports       reads the records: cells, leads, tables, and the words that pages and the documentation make of them
bench         timings: `sc2viz bench`
weights       trains the networks and dictionaries under pretrained/
reproducing   `sc2viz reproduce`
"""
