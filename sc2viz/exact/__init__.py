"""How exact codes are found. `lasso.solve` and `lasso.path` state the problem, check what they are given and call `methods`.

Which method takes which samples: on a CPU, a sample goes down this list until its gap is within the tolerance.

    working_sets   coordinate descent on the atoms that may be in the support: few samples with large supports
    admm           compiled ADMM on blocks of samples: many samples with a small λ and one dictionary that is not wide
    homotopy       from λ_max down, knot by knot: all other samples, and every path
    active_set     Newton steps on the support: what the homotopy leaves, as with atoms that nearly depend on each other
    batches        ADMM by torch: what is left then

The functions `suits` of the first two say where each is faster than the homotopy; `sc2viz bench exact --choice` measures
them all beside what they choose. The homotopy follows every atom that enters, each at the price of all before. Working sets
take many atoms a round, and the samples of a block share the product with all atoms in every round. ADMM's iterations cost
the same for every λ. A sample with a mask has a dictionary of its own and is solved by itself. On a GPU, `batches` takes all
samples; what it leaves goes to the CPU.

What the methods share: `problem` (the dictionary and the samples as arrays), `certificates` (gaps in compiled code), `gaps`
(the same for tensors), `loops` (how functions are compiled, and their matrix products), `threads` and `ahead` (compiling in
another process). On the CPU, codes are replaced only by codes of a smaller gap. All gaps are computed in float64.
"""
