// Numbers of a code, and the sentence that compares solvers. Nothing here needs a page.
import { counted, formOf, percent, side } from "./readings.js";

export const IN_USE = 1e-3; // an atom is in use if its weight is larger, as in evaluation.IN_USE
const FLOOR = 0.01; // %: what is nearer to the optimum counts as the optimum, as in convergence.FLOOR

// The numbers of codes of a picture x at λ on the atoms of a problem (homotopy.js), as sweeps.measured has them. `peak`
// is the range of a pixel.
export const measured = (problem, x, codes, lam, peak) => {
  const { projection, square } = problem.view(x);
  const used = problem.timesGram(codes);
  let [rest, price, active] = [square, 0, 0];
  for (let j = 0; j < codes.length; j++) {
    rest += codes[j] * (used[j] - 2 * projection[j]);
    price += problem.norms[j] * Math.abs(codes[j]);
    if (Math.abs(codes[j]) > IN_USE) active++;
  }
  const loss = Math.max(rest, 0) / 2;
  const psnr = 20 * Math.log10(peak) - 10 * Math.log10((2 * loss) / x.length);
  return { loss, F: loss + lam * price, active, of: codes.length, share: active / codes.length, psnr };
};

// How far F is above the optimum, in % of it, as evaluation.excess has it.
export const excess = (F, best) => (best > 0 ? (100 * (F - best)) / best : 0);

const settled = (each) => (Number.isNaN(each) ? Infinity : Math.abs(each) <= FLOOR ? FLOOR : each);
const apart = (each) => `${percent(Math.abs(each))} ${side(each)}`;
const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const andList = (names) => (names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

// Which of the solvers has the lowest F, or which share it, **bold** in it: `now` has pairs of a label and a distance
// in %. `where` begins the sentence, as readings.lowest in Python has it.
export const lowest = (where, now) => {
  if (!now.length) return "";
  const far = now.map(([label, each]) => [label, settled(each)]);
  const least = Math.min(...far.map(([, each]) => each));
  const first = far.filter(([, each]) => apart(each) === apart(least)).map(([label]) => `**${label}**`);
  const [names, one] = [andList(first), first.length === 1];
  if (first.length === now.length) return `${where}, ${names} ${formOf(first.length, "is", "are")} ${apart(least)}.`;
  const of = `the lowest F of the ${WORDS[now.length] ?? now.length} solvers compared`;
  const has = one ? `has ${of}: it` : `share ${of}: each`;
  return `${where}, ${names} ${has} is **${percent(Math.abs(least))}** ${side(least)}.`;
};

// Which of the solvers has the lowest F after t iterations, **bold** in it: `numbers` has pairs of a label and what
// `Coder.numbers` knows, as describe_steps.sentence in Python has it.
export const stepped = (t, numbers) => {
  if (!numbers.length) return "";
  const now = numbers.map(([label, { far }]) => [`**${label}**`, settled(far)]);
  const all = now.map(([, each]) => each);
  const [least, most, there] = [Math.min(...all), Math.max(...all), all.every((each) => each === FLOOR)];
  const names = andList(now.map(([label]) => label));
  if (t === 0) {
    if (there) return "At this λ the empty code, with which every solver starts, is the optimum.";
    const span = percent(least) === percent(most) ? percent(least) : `${percent(least)} to ${percent(most)}`;
    return `Every solver starts with the empty code, which is ${span} above the optimum.`;
  }
  const after = `After ${counted(t, "iteration")}`;
  if (there && !numbers.some(([, { active }]) => active))
    return `${after}, every code is still empty, which is the optimum at this λ.`;
  const ahead = now.filter(([, each]) => apart(each) === apart(least)).map(([label]) => label);
  const [first, count] = [andList(ahead), ahead.length];
  if (least === FLOOR) return `${after}, ${first} ${formOf(count, "has", "have")} reached the optimum.`;
  if (count === now.length) return `${after}, ${names} ${formOf(count, "is", "are")} ${apart(least)}.`;
  const has = formOf(count, "has the lowest F: it", "share the lowest F: each");
  return `${after}, ${first} ${has} is ${apart(least)}.`;
};
