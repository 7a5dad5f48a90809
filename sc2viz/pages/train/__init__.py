"""What Train live is made of: its settings, its panels over the steps, its words, and what can be taken away.

setup      what a run is asked for, and the job that does it
form       the widgets
panels     a job's frames and events as panels of the scrubber
sentences  what is said of them
taking     the files and the Python to take away
"""
