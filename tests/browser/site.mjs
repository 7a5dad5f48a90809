// Codes views of the site's own files in node, as the site does: standard input has the folder and the views, standard
// output their codes, numbers and words (test_site.py).
import { readFileSync } from "node:fs";
import { Coder, OPTIMUM } from "../../sc2viz/browser/coder.js";
import { parcels } from "../../sc2viz/browser/decode.js";
import { sentences } from "../../sc2viz/browser/sentences.js";

const READ = ["above", "side", "F", "psnr", "nonzeros", "missing", "used"];
const { folder, name, views } = JSON.parse(readFileSync(0, "utf-8"));
const json = (path) => JSON.parse(readFileSync(`${folder}/${path}`, "utf-8"));

const data = json(`data/${name}.json`);
await parcels.add(data.parcels);
const pictures = parcels.get(data.pictures.name);
const coder = new Coder(parcels.get(data.B.name), data.B.size, data.peak);
for (const one of data.solvers) {
  const { graph, parcels: texts } = json(one.file);
  await parcels.add(texts);
  coder.add(one.label, { ...one, graph, offset: one.offset && parcels.get(one.offset.name) }, (each) =>
    parcels.get(each),
  );
}
const ranked = data.solvers.filter((one) => one.ranked).map(({ label }) => label);

const words = (label, lam, T) => Object.fromEntries(READ.map((what) => [what, coder.says(what, label, lam, T)]));
const seen = ({ row, lam, T, solver }) => {
  coder.look(pictures.slice(row * coder.d_x, (row + 1) * coder.d_x));
  const { label } = data.solvers.find((one) => one.name === solver);
  const far = ranked.map((each) => [each, coder.numbers(each, lam, T)]);
  return {
    codes: [...coder.codes(label, lam, T)],
    best: [...coder.codes(OPTIMUM, lam)],
    course: ranked.includes(label) ? coder.course(label, lam, T) : null,
    numbers: coder.numbers(label, lam, T),
    contrast: coder.contrast,
    words: words(label, lam, T),
    far,
    compared: sentences.lowest({ ranked, lam, T, numbers: (each) => coder.numbers(each, lam, T), coder }),
  };
};

process.stdout.write(JSON.stringify(views.map(seen)));
