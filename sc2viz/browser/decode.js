// What the server sends as base64 (parcels.py, panels.py), or as bytes, becomes bytes, numbers and words again.
import { rgb } from "./colour.js";

export const bytes = (text) =>
  text.buffer ? text : (Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (each) => each.charCodeAt(0)));

// A picture of bytes as shares of white.
export const pixelsOf = (text) => Float32Array.from(bytes(text), (level) => level / 255);

// A table of 256 colours, which travels as the steps from each colour to the next (panels.py).
export const colours = (text) => {
  const steps = bytes(text);
  for (let k = 3; k < steps.length; k++) steps[k] += steps[k - 3];
  return Uint32Array.from({ length: steps.length / 3 }, (_, k) => rgb(...steps.subarray(3 * k, 3 * k + 3)));
};

// Numbers of 32 bits.
export const floats = (text) => new Float32Array(bytes(text).buffer);

// What the server has compressed with gzip.
const inflated = (text) => new Response(new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("gzip")));
export const words = (text) => inflated(text).text();

// The number that each of the 65,536 patterns of 16 bits stands for.
const HALVES = Float32Array.from({ length: 65536 }, (_, bits) => {
  const [power, rest] = [(bits >> 10) & 31, bits & 1023];
  return (bits >> 15 ? -1 : 1) * (power ? 2 ** (power - 15) * (1 + rest / 1024) : rest * 2 ** -24);
});

// Numbers of 4 or 8 bytes: the first bytes of all stand before the second ones (parcels.exactly).
const exact = (raw, size) => {
  const [n, all] = [raw.length / size, new Uint8Array(raw.length)];
  for (let k = 0; k < n; k++) for (let b = 0; b < size; b++) all[k * size + b] = raw[b * n + k];
  return new (size === 4 ? Float32Array : Float64Array)(all.buffer);
};

// Numbers, compressed (parcels.py), mostly of 16 bits: all low bytes stand before all high ones; the numbers of one
// weight at all stops stand together, each as the change of the step that its bits make from the stop before, with the
// sign in the lowest bit. They are multiples of 2^−k where "/k" follows the number of stops. Or what JSON says.
export const halves = async (text) => {
  const [head, packed] = text.split?.(":") ?? text;
  if (head === "json") return JSON.parse(await words(packed));
  const [stops, power] = head.split("/");
  const raw = new Uint8Array(await inflated(packed).arrayBuffer());
  if (stops.startsWith("f")) return exact(raw, Number(stops.slice(1)));
  const n = raw.length / 2;
  const each = n / stops;
  const values = new Float32Array(n);
  for (let j = 0, k = 0; j < each; j++)
    for (let at = j, bits = 0, step = 0; at < n; at += each, k++) {
      const sent = raw[k] | (raw[n + k] << 8);
      const turn = stops > 1 || power ? (sent >> 1) ^ -(sent & 1) : sent;
      step = at < 2 * each ? turn : step + turn;
      bits = (bits + step) & 65535;
      values[at] = power ? ((bits << 16) >> 16) * 2 ** -power : HALVES[bits];
    }
  return values;
};

// The array `all` of several stops with the stop `one` put in as the k-th.
const inserted = (all, one, k) => {
  const whole = new Float32Array(all.length + one.length);
  whole.set(all.subarray(0, k * one.length));
  whole.set(one, k * one.length);
  whole.set(all.subarray(k * one.length), (+k + 1) * one.length);
  return whole;
};

const ROOM = 2 ** 24; // numbers that are kept at most

// The arrays that have arrived, by name. Those that were used least recently go first where there is no room left. The
// name "a:b:k" stands for the array a with the stop b put in as the k-th (board.py).
export class Parcels {
  kept = new Map();

  async add(texts) {
    const all = texts.toArray?.().map(({ name, head, packed }) => [name, [head, packed]]) ?? Object.entries(texts);
    const arrived = all.filter(([name]) => !this.kept.has(name));
    const decoded = await Promise.all(arrived.map(([, text]) => halves(text)));
    for (const [k, [name]] of arrived.entries()) this.kept.set(name, decoded[k]);
    let size = [...this.kept.values()].reduce((sum, { length = 0 }) => sum + length, 0);
    for (const [name, { length = 0 }] of this.kept) {
      if (size <= ROOM) break;
      this.kept.delete(name);
      size -= length;
    }
  }

  // Adds what has arrived, and returns whether the arrays of all labels are here. It asks the server for the rest.
  async take(texts, labels, report) {
    await this.add(texts);
    const missing = labels.flatMap(({ name }) => name.split(":").slice(0, 2)).filter((name) => !this.get(name));
    if (missing.length) report("wants", { names: missing, at: Date.now() });
    return !missing.length;
  }

  get(name) {
    const [all, one, k] = name.split(":");
    if (one) return inserted(this.get(all), this.get(one), k);
    const found = this.kept.get(name);
    if (this.kept.delete(name)) this.kept.set(name, found);
    return found;
  }
}

// One store for a whole page, although each of its components is a module of its own.
globalThis.sc2vizParcels ??= new Parcels();
export const parcels = globalThis.sc2vizParcels;
