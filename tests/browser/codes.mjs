// Runs graphs and paths on pictures: in node with JSON of what to do on standard input and codes on standard output, and,
// without its first and last lines, in Chromium (test_solve.py).
import { readFileSync } from "node:fs";
import { halves } from "../../sc2viz/browser/decode.js";
import { Path, Problem } from "../../sc2viz/browser/homotopy.js";
import { solverOf } from "../../sc2viz/browser/solve.js";

const computed = async ({ texts, solvers = [], problems = [] }) => {
  const arrays = {};
  for (const [name, text] of Object.entries(texts)) arrays[name] = await halves(text);
  const found = { solvers: [], problems: [] };
  for (const { data, guard, cases } of solvers) {
    const solver = solverOf(data, (name) => arrays[name]);
    if (guard) solver.guard = { ...guard, atoms: arrays[guard.atoms] };
    found.solvers.push(cases.map(({ x, lam, T }) => [...solver.look(arrays[x], lam).codes(T)]));
  }
  for (const { B, d_x, cases } of problems) {
    const problem = new Problem(arrays[B], d_x);
    const solved = ({ x, lams }) => {
      const path = new Path(problem, arrays[x]);
      return lams.map((lam) => {
        const codes = path.at(lam);
        return { codes: [...codes], gap: problem.gap(arrays[x], codes, lam) };
      });
    };
    found.problems.push(cases.map(solved));
  }
  return JSON.stringify(found);
};

process.stdout.write(await computed(JSON.parse(readFileSync(0, "utf-8"))));
