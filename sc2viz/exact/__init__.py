"""How exact codes are found: `lasso.solve` and `lasso.path` state the problem and check arguments, and call `methods`.

    methods        which method takes which samples, below
    problem        the dictionary and the samples as arrays
    homotopy       every λ from λ_max down, sample by sample: all paths, and what no other method is quicker for
    working_sets   coordinate descent on the atoms that may be in the support: few samples with large supports
    admm           compiled, on blocks of samples that share one small dictionary: many samples with a small λ
    batches        ADMM by torch: on a GPU, and on the CPU where the homotopy failed
    certificates   the duality gap of codes in compiled code, and `gaps` the same for tensors
    loops          how functions are compiled, and their matrix products
    threads        several threads for one call
    ahead          compiling in another process, so that the app's first page need not wait for it

A method keeps its codes only where their gap is smaller than that of the codes before. Gaps are computed in float64.
"""
