// The terms of one atom over the iterations, c = f · memory + i · c̃ and s = h(c), as analysis/unfolded.py has them.
const TERMS = ["memory", "input", "forget", "candidate", "cell", "code"];

const byTerm = (rows) => Object.fromEntries(TERMS.map((term, k) => [term, rows.map((row) => row[k])]));

// Of ISTA's candidate s + τ Bᵀ(x − B s) and a memory, weighed by pairs [i, f] of `gates`. The memory is the last c
// where the solver `carries` one, else the candidate before.
export const ofGates = (problem, x, lam, tau, atom, gates, carries) => {
  const fixed = problem.view(x).projection.map((value) => tau * value);
  const used = new Float64Array(problem.d_s);
  let s = new Float64Array(problem.d_s);
  let memory = carries ? s : fixed;
  return byTerm(
    gates.map(([i, f]) => {
      problem.timesGram(s, used);
      const candidate = s.map((value, j) => value - tau * used[j] + fixed[j]);
      const c = candidate.map((value, j) => f * memory[j] + i * value);
      s = c.map((value) => Math.sign(value) * Math.max(0, Math.abs(value) - lam * tau));
      const row = [memory[atom], i, f, candidate[atom], c[atom], s[atom]];
      memory = carries ? c : candidate;
      return row;
    }),
  );
};

// Of a solver with both gates, by its graph (solve.js), which has codes of this picture.
export const ofNetwork = (network, x, lam, T, atom) => {
  network.look(x, lam).codes(T);
  const at = (t, name) => network.states[t][network.fields.indexOf(name)]?.[atom] ?? 0;
  return byTerm(
    Array.from({ length: T }, (_, t) => [
      at(t, "cell"),
      ...["input_gate", "forget_gate", "candidate", "cell", "codes"].map((name) => at(t + 1, name)),
    ]),
  );
};
