"""Dictionary: all atoms and how they are used; how they are learned; what a network made of them.

dictionary      the page: the choice of its part
all_atoms       the atoms of the dictionary at hand, and which pictures use them
watching        dictionaries that are learned in the background
setups          what is learned; lessons.toml has the settings of one click
filmed          what is shown of such dictionaries, frame by frame
equations       Eqs. (1)–(4) with what each term does
networks        a trained network's atoms and weights beside the dictionary and ISTA's matrices
describe_atoms  sentences
"""
