// The operations of a graph (lowering.py): for each a function of its shapes and settings that returns a function of
// its numbers. A tensor is an array row by row. What a function returns it may write over when it is called again.
// Nothing here needs a page.
import { reconstruct } from "./objective.js";

const count = (shape) => shape.reduce((product, each) => product * each, 1);
const inRows = (shape) => shape.map((_, k) => count(shape.slice(k + 1)));

// Where the entries of a tensor stand that has these strides.
const placed = (shape, strides, offset = 0) => {
  const places = new Int32Array(count(shape));
  let filled = 1;
  places[0] = offset;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    for (let k = 1; k < shape[dim]; k++)
      for (let at = 0; at < filled; at++) places[k * filled + at] = places[at] + k * strides[dim];
    filled *= shape[dim];
  }
  return places;
};

// The strides with which a tensor is read as if it had the shape `whole`: 0 along what is repeated.
const repeated = (shape, whole) => {
  const own = inRows(shape);
  const missing = whole.length - shape.length;
  return whole.map((_, dim) => (dim < missing || shape[dim - missing] === 1 ? 0 : own[dim - missing]));
};

// How an operand of an elementwise operation is read: [its places, or the step from one entry to the next].
const reading = (shape, whole) => {
  if (!shape || count(shape) === 1) return [null, 0];
  return count(shape) === count(whole) ? [null, 1] : [placed(whole, repeated(shape, whole)), 0];
};

// A number as an array of the kind that tensors are: a loop that reads other kinds too takes ten times as long.
const listed = (value) => (typeof value === "number" ? Float64Array.of(value) : value);

const one = (f) => (node) => {
  const [places, step] = reading(node.shapes[0], node.shape);
  return (a, out = node.room()) => {
    const A = listed(a);
    for (let k = 0; k < out.length; k++) out[k] = f(A[places ? places[k] : k * step]);
    return out;
  };
};

const two = (f) => (node) => {
  const [[placesA, stepA], [placesB, stepB]] = node.shapes.map((shape) => reading(shape, node.shape));
  return (a, b, out = node.room()) => {
    const [A, B] = [listed(a), listed(b)];
    for (let k = 0; k < out.length; k++)
      out[k] = f(A[placesA ? placesA[k] : k * stepA], B[placesB ? placesB[k] : k * stepB]);
    return out;
  };
};

// Math.round takes halves up; torch takes them to the even number.
const round = (v) => {
  const near = Math.round(v);
  return near - v === 0.5 && near % 2 ? near - 1 : near;
};

const ones = {
  neg: (v) => -v,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  floor: Math.floor,
  ceil: Math.ceil,
  round,
  trunc: Math.trunc,
  not: (v) => !v,
  copy: (v) => v,
};

const twos = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  gt: (a, b) => a > b,
  lt: (a, b) => a < b,
  ge: (a, b) => a >= b,
  le: (a, b) => a <= b,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  and: (a, b) => a && b,
  or: (a, b) => a || b,
  remainder: (a, b) => a - b * Math.floor(a / b),
};

const where = (node) => {
  const [[p, i], [q, j], [r, l]] = node.shapes.map((shape) => reading(shape, node.shape));
  return (condition, a, b, out = node.room()) => {
    const [C, A, B] = [condition, a, b].map(listed);
    for (let k = 0; k < out.length; k++) out[k] = C[p ? p[k] : k * i] ? A[q ? q[k] : k * j] : B[r ? r[k] : k * l];
    return out;
  };
};

const full =
  (node) =>
  (value, out = node.room()) =>
    out.fill(value);

// A tensor read with strides: the same numbers where they stand together.
const strided = (node) => {
  const [, shape, strides, offset] = node.args;
  const own = inRows(shape);
  const size = count(shape);
  if (shape.every((length, dim) => length === 1 || strides[dim] === own[dim]))
    return (a) => (a.length === size ? a : a.subarray(offset, offset + size));
  const places = placed(shape, strides, offset);
  return (a, _shape, _strides, _offset, out = node.room()) => {
    for (let k = 0; k < out.length; k++) out[k] = a[places[k]];
    return out;
  };
};

const stridedSet = (node) => {
  const [, , shape, strides, offset] = node.args;
  const places = placed(shape, strides, offset);
  return (a, b, _shape, _strides, _offset, out = node.room()) => {
    out.set(a);
    for (let k = 0; k < places.length; k++) out[places[k]] = b[k];
    return out;
  };
};

const cat = (node) => {
  const dim = node.args[1];
  const before = count(node.shape.slice(0, dim));
  return (parts, _dim, out = node.room()) => {
    const each = out.length / before;
    let from = 0;
    for (const part of parts) {
      const length = part.length / before;
      for (let k = 0; k < before; k++) out.set(part.subarray(k * length, (k + 1) * length), k * each + from);
      from += length;
    }
    return out;
  };
};

// Products of matrices (…, M, K) and (…, K, N), which skip the zeros of the first.
const mm = (node) => {
  const [M, K] = node.shapes[0].slice(-2);
  const N = node.shapes[1].at(-1);
  const total = new Float64Array(N);
  return (a, b, out = node.room()) => {
    for (let row = 0; row < out.length / N; row++) {
      const matrix = Math.floor(row / M) * K * N;
      out.set(reconstruct(a, row * K, 1, K, matrix ? b.subarray(matrix) : b, N, total), row * N);
    }
    return out;
  };
};

// A sum or the like over some dimensions, which stay with length 1.
const over = (start, join) => (node) => {
  const places = placed(node.shapes[0], repeated(node.shape, node.shapes[0]));
  const total = new Float64Array(count(node.shape));
  return (a, _dims, out = node.room()) => {
    total.fill(start);
    for (let k = 0; k < places.length; k++) total[places[k]] = join(total[places[k]], a[k]);
    out.set(total);
    return out;
  };
};

// For each line of a tensor along a dimension, where its first entry stands, and the step to the next.
const lines = (shape, dim) => {
  const flat = shape.map((length, k) => (k === dim ? 1 : length));
  return [placed(flat, inRows(shape)), inRows(shape)[dim] ?? 1, shape[dim] ?? 1];
};

const argmax = (node) => {
  const [starts, step, length] = lines(node.shapes[0], node.args[1][0]);
  return (a, _dims, out = node.room()) => {
    for (let k = 0; k < out.length; k++) {
      let best = 0;
      for (let at = 1; at < length; at++) if (a[starts[k] + at * step] > a[starts[k] + best * step]) best = at;
      out[k] = best;
    }
    return out;
  };
};

// The places of the entries along a dimension, in order: `some` of them from the one at `first` on.
const order = (node) => {
  const [, dim, largest, first, some] = node.args;
  const [starts, step, length] = lines(node.shapes[0], dim);
  const [to, stepTo] = lines(node.shape, dim);
  return (a, _dim, _largest, _first, _some, out = node.room()) => {
    for (let k = 0; k < starts.length; k++) {
      const value = (at) => a[starts[k] + at * step];
      const places = Array.from({ length }, (_, at) => at);
      places.sort((i, j) => (largest ? value(j) - value(i) : value(i) - value(j)));
      for (let at = 0; at < some; at++) out[to[k] + at * stepTo] = places[first + at];
    }
    return out;
  };
};

// Where the entries of `shape` stand in a tensor of shape `whole`, but for the dimension `dim`, and the step along it.
const beside = (shape, whole, dim) => {
  const strides = inRows(whole);
  const without = strides.map((stride, k) => (k === dim ? 0 : stride));
  return [placed(shape, without), strides[dim] ?? 1];
};

const gather = (node) => {
  const [starts, step] = beside(node.shape, node.shapes[0], node.args[1]);
  return (a, _dim, index, out = node.room()) => {
    for (let k = 0; k < out.length; k++) out[k] = a[starts[k] + index[k] * step];
    return out;
  };
};

const scatter = (join) => (node) => {
  const [, , index, source] = node.shapes;
  const [starts, step] = beside(index, node.shape, node.args[1]);
  const places = source && placed(index, inRows(source));
  return (a, _dim, chosen, values, out = node.room()) => {
    out.set(a);
    for (let k = 0; k < starts.length; k++) {
      const at = starts[k] + chosen[k] * step;
      out[at] = join(out[at], places ? values[places[k]] : values);
    }
    return out;
  };
};

const indexSelect = (node) => {
  const dim = node.args[1];
  const [starts, step] = beside(node.shape, node.shapes[0], dim);
  const along = node.shape.map((_, k) => Number(k === dim));
  const which = placed(node.shape, along);
  return (a, _dim, index, out = node.room()) => {
    for (let k = 0; k < out.length; k++) out[k] = a[starts[k] + index[which[k]] * step];
    return out;
  };
};

const cumsum = (node) => {
  const [starts, step, length] = lines(node.shape, node.args[1]);
  return (a, _dim, out = node.room()) => {
    for (const start of starts)
      for (let at = 0, sum = 0; at < length; at++) {
        sum += a[start + at * step];
        out[start + at * step] = sum;
      }
    return out;
  };
};

const built = (make, table) => Object.fromEntries(Object.entries(table).map(([name, f]) => [name, make(f)]));

export const operations = {
  ...built(one, ones),
  ...built(two, twos),
  where,
  full,
  strided,
  strided_set: stridedSet,
  cat,
  mm,
  sum: over(0, (total, v) => total + v),
  prod: over(1, (total, v) => total * v),
  amax: over(Number.NEGATIVE_INFINITY, (most, v) => Math.max(most, v)),
  amin: over(Number.POSITIVE_INFINITY, (least, v) => Math.min(least, v)),
  argmax,
  order,
  index_select: indexSelect,
  gather,
  scatter: scatter((_, v) => v),
  scatter_add: scatter((sum, v) => sum + v),
  cumsum,
};

export const sizeOf = count;
