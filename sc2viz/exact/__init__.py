"""How exact codes are found. `lasso.solve` and `lasso.path` state the problem, check what they are given and call `methods`.

Which method takes which samples (`compiled`): on a CPU, a sample goes down this list until its gap is within the tolerance.

    working_sets   coordinate descent on the atoms that may be in the support: large supports
    admm           compiled ADMM on blocks of samples: many samples with a small λ and a dictionary that is not wide
    homotopy       from λ_max down, knot by knot: all other samples, and every path
    active_set     non-negative least squares: what the homotopy leaves, as with atoms that nearly depend on each other
    batches        ADMM by torch: what is left then of supports that may be large

The functions `suits` of the first two say where each is faster than the others. The homotopy follows every atom that enters,
each at the price of all before. Working sets take many atoms a round, and the samples of a block share the product with all
atoms in every round. ADMM's iterations cost the same for every λ. Measured, ms a sample on one thread at a gap of 1e-4, with
a star for what is chosen; `sc2viz bench exact --choice` printed these lines at commit 864b706d, the last one that has it:

    d_x×d_s    signals   λ/λ_max     n  working sets       ADMM    homotopy
    784×100    digits    .5        200          .024       .031        .012 *
    784×100    digits    .02       200           .18       .019 *      .070
    64×256     random    .1        200           .20        .15         .12 *
    64×1200    random    .5        200           .11 *      3.6         .20
    64×1200    random    .1        200           .82        3.4         .52 *
    250×500    random    .1         20           1.7 *      1.4         2.0
    250×500    random    .1        200           .83        .57 *       1.7
    250×500    planted   .1        200          .088        .46        .087 *
    256×1024   planted   .1        200           .19 *      2.2         .21
    256×1024   planted   .02       200           .70 *      3.8         1.2
    256×1024   random    .1        200           1.7 *      3.2         3.7
    256×1024   random    .02       200           9.3         11         7.2 *
    784×512    planted   .1        200           .10        .31         .12 *
    784×512    random    .02        20           3.3       1.7 *         15
    784×512    random    .1        200           1.6        .35 *       5.6
    512×1024   random    .1      1,000           3.2        2.7 *        12
    768×2048   planted   .1         20           .49 *      130         5.8
    768×2048   random    .02        20            88 *      468         153

The size of a support is not known beforehand, so that up to eight samples are tried first. Working sets leave the others to
the homotopy if their sweeps took more than twice as many multiplications as it would have, and to ADMM if all sweeps would
take more than a quarter of d_s³. Before ADMM begins, the homotopy takes up to eight: if it solves most of them within the
number of knots `admm.knots`, it solves all, as of planted signals.

A sample with a mask has a dictionary of its own and is solved by itself. On a GPU, `batches` takes all samples; what it
leaves goes to the CPU.

What the methods share: `task` (the samples, and where their answers go), `problem` (the dictionary and the samples as
arrays), `certificates` (gaps in compiled code), `gaps` (the same for tensors), `loops` (how functions are compiled, and
their matrix products), `threads`, `ahead` (compiling in another process) and `uncompiled` (codes until then). On the CPU,
codes are replaced only by codes of a smaller gap. All gaps are computed in float64. `warm` has no gaps: it is for learning
alone.
"""
