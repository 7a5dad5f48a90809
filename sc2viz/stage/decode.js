// What travels as base64: bytes, and numbers of 32 bits.
import { rgb } from "./colour.js";

export const bytes = (text) =>
  Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

// 256 colours, of which the steps from one to the next travel (panels.py).
export const colours = (text) => {
  const steps = bytes(text);
  for (let k = 3; k < steps.length; k++) steps[k] += steps[k - 3];
  return Uint32Array.from({ length: steps.length / 3 }, (_, k) => rgb(...steps.subarray(3 * k, 3 * k + 3)));
};
export const floats = (text) => new Float32Array(bytes(text).buffer);

// What travels compressed: words, and bytes.
const inflated = (text) => new Response(new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("gzip")));
export const words = (text) => inflated(text).text();

// Numbers of 16 bits, which travel compressed, all low bytes before all high ones. Those of several stops travel weight by
// weight, and as differences of their bits (parcels.py).
const HALVES = Float32Array.from({ length: 65536 }, (_, bits) => {
  const [power, rest] = [(bits >> 10) & 31, bits & 1023];
  return (bits >> 15 ? -1 : 1) * (power ? 2 ** (power - 15) * (1 + rest / 1024) : rest * 2 ** -24);
});
export const halves = async (text) => {
  const [stops, packed] = text.split(":");
  const raw = new Uint8Array(await inflated(packed).arrayBuffer());
  const n = raw.length / 2;
  const each = n / stops;
  const values = new Float32Array(n);
  for (let j = 0, k = 0; j < each; j++)
    for (let at = j, bits = 0; at < n; at += each, k++) {
      bits = (bits + (raw[k] | (raw[n + k] << 8))) & 65535;
      values[at] = HALVES[bits];
    }
  return values;
};

const inserted = (all, one, k) => {
  const whole = new Float32Array(all.length + one.length);
  whole.set(all.subarray(0, k * one.length));
  whole.set(one, k * one.length);
  whole.set(all.subarray(k * one.length), (+k + 1) * one.length);
  return whole;
};

const ROOM = 2 ** 24; // numbers that are kept at most

// The arrays that have arrived, by name. Where there is no room left, those that were used least recently go first. The name
// "a:b:k" stands for the array a in which the stop b has been put in as the k-th (board.py).
export class Parcels {
  kept = new Map();

  async add(texts) {
    const arrived = Object.entries(texts).filter(([name]) => !this.kept.has(name));
    const decoded = await Promise.all(arrived.map(([, text]) => halves(text)));
    for (const [k, [name]] of arrived.entries()) this.kept.set(name, decoded[k]);
    let size = [...this.kept.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [name, { length }] of this.kept) {
      if (size <= ROOM) break;
      this.kept.delete(name);
      size -= length;
    }
  }

  // Adds what has arrived; whether all of `labels` is here, else a component asks for the rest.
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
    if (!found) return undefined;
    this.kept.delete(name);
    this.kept.set(name, found);
    return found;
  }
}

// One store for all components of a page, which are modules of their own.
globalThis.sc2vizParcels ??= new Parcels();
export const parcels = globalThis.sc2vizParcels;
