"""What is run: every run has a name of its own, and the records that ship are of runs as they are now."""

import pytest

from sc2viz.lab import reproducing
from sc2viz.lab.experiments import protocols, records
from sc2viz.lab.experiments.protocols import Run, plan
from sc2viz.published import printed

RUNS = {
    "paper": [
        *(run for data in printed.DATA for run in plan("all", data)),
        *(run for data in printed.DATA for run in plan("all", data, "as-printed")),
    ],
    "recovery": plan("recovery"),
    "autoencoders": plan("sae"),
    "photographs": plan("photographs"),
    "gates": plan("conv"),
}


@pytest.mark.parametrize("study", RUNS)
def test_every_planned_run_has_a_name_of_its_own_and_can_be_called_by_it(study):
    planned = RUNS[study]
    assert len({run.name for run in planned}) == len(planned) > 10
    assert all(run.study == study and plan(run.name) == [run] for run in planned)


@pytest.mark.parametrize("study", RUNS)
def test_the_records_that_ship_are_of_planned_runs_with_their_configurations(study):
    """Names and configurations are the ids of what was measured: a change would disown it."""
    stored, experiment = records.load(study), reproducing.STUDIES[study].experiment()
    unplanned = {run for run in set(stored) - set(RUNS[study]) if run.experiment != "tuning"}
    assert not unplanned or study == "gates"  # whose length was asked for
    for run, record in stored.items():
        if run.method != protocols.BM3D:  # whose package may lack
            assert experiment.configuration(run) == record["configuration"], run.name


@pytest.mark.parametrize("table", printed.TABLES)
def test_a_table_runs_every_printed_cell_with_every_seed_and_the_first_seed_first(table):
    planned = plan(table)
    assert [run.seed for run in planned] == sorted(run.seed for run in planned)
    for setting in printed.SETTINGS:
        for method in printed.PRINTED[table]:
            runs = [run for run in planned if (run.setting, run.method) == (setting, method)]
            assert [run.seed for run in runs] == [0, 1, 2]


@pytest.mark.parametrize(("name", "d_x"), protocols.WIDTHS.items())
def test_networks_that_are_as_large_as_slstm(name, d_x):
    def lista(n):  # B and Δ_d, Δ_e, thresholds, C
        return 2 * d_x * n + n * n + n + 10 * n

    def lfista(n):  # W_m and ten momenta beside
        return lista(n) + n * n + 10

    # four gate matrices, biases and what follows λ
    slstm = lista(100) + 2 * (100 * 100 + d_x * 100) + 400
    assert protocols.parameters("slstm", d_x) == slstm
    for method, count in (("lista", lista), ("lfista", lfista)):
        atoms = protocols.equal_atoms(method, name)
        assert protocols.parameters(method, d_x, atoms) == count(atoms) >= slstm > count(atoms - 1)
        assert Run(name, "fair", "accuracy", "supervised", method, atoms) in plan(
            "equal", name.removesuffix("-features")
        )
