"""Train live: train, the page, and its parts.

setup              the settings of a run, and the job that carries it out
form               the widgets
lessons            runs with given settings, each with something to watch
panels             a job's frames and events as panels of the scrubber
describe_training  the sentences
downloads          the files and the Python code
"""
