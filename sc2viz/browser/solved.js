// A board that computes the codes that it shows, of one picture at any λ and T: those of the exact optimum and those of
// every solver whose graph it has. The picture may be one that the reader draws.
import { Board } from "./board.js";
import { Coder } from "./coder.js";
import { parcels } from "./decode.js";

export class Solved extends Board {
  async take(given, report, signal) {
    if (!(await super.take(given, report, signal))) return false;
    const { B, peak, solvers } = this.data.computed;
    const find = ({ name }) => parcels.get(name);
    this.coder = new Coder(find(B), B.size, peak);
    for (const [k, column] of this.columns.entries()) {
      const told = solvers[k - 2]; // after the picture and the optimum
      if (told?.graph) this.coder.add(column.by, { ...told, offset: column.offset }, (name) => find({ name }));
      if (!this.coder.has(column.by)) continue;
      Object.assign(column, { atoms: this.coder.all.get(column.by).atoms, made: new Float32Array(this.x.length) });
    }
    this.coder.look(this.x);
    return true;
  }

  // Whether codes are computed here, and not taken from those at the stops.
  get computes() {
    return this.drawn || this.given?.n === 1;
  }

  get drawn() {
    return Boolean(this.mine);
  }

  get pen() {
    return this.computes ? this.coder : null;
  }

  // Looks at a picture (d_x,) that the reader has drawn; null: at those of the page again.
  look(x) {
    this.mine = x;
    if (x) this.coder.follow(x, () => this.paint(true));
    else this.coder.look(this.given.x);
    this.paint(true);
  }

  paint(anew = false) {
    super.paint(anew);
    if (this.draw && this.root.isConnected) this.said?.();
  }

  // A column without a graph has codes at the stops for the page's own picture, and none for another.
  coded(coder, column, lam, T) {
    const place = !coder.has(column.by) && !this.drawn && this.x === this.given.first && this.position;
    if (!place) return super.coded(coder, column, lam, T);
    const at = Object.values(column.codes)[0];
    const [count, , d_s] = at.size;
    Object.assign(column, { now: at.values, from: (place.k % count) * d_s, d_s });
    for (const [put, texts] of this.moving)
      if (texts[place.axis]) put(texts[place.axis][place.k % texts[place.axis].length]);
    return false;
  }

  // Distances to the optimum at λ after each of the iterations T, for the solvers of these columns.
  distances(columns, lam, T) {
    return columns.map((k) => {
      const { by } = this.columns[k];
      return this.coder.has(by) ? T.map((each) => this.coder.numbers(by, lam, each).far) : null;
    });
  }
}
