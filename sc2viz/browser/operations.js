// The operations of a graph (lowering.py): each takes its shapes and settings, and returns a function that fills the
// array of its result from its operands, or returns another array. A tensor is an array row by row.
import { reconstruct } from "./objective.js";

export const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);
const inRows = (shape) => shape.map((_, k) => sizeOf(shape.slice(k + 1)));

// Where the entries of a tensor stand that has these strides.
const placed = (shape, strides, offset = 0) => {
  const places = new Int32Array(sizeOf(shape));
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
  const [strides, missing] = [inRows(shape), whole.length - shape.length];
  return whole.map((_, dim) => (dim < missing || shape[dim - missing] === 1 ? 0 : strides[dim - missing]));
};

// How an operand of an elementwise operation is read: [its places, or the step from one entry to the next].
const reading = (shape, whole) => {
  if (!shape || sizeOf(shape) === 1) return [null, 0];
  return sizeOf(shape) === sizeOf(whole) ? [null, 1] : [placed(whole, repeated(shape, whole)), 0];
};

// A number as an array of the kind that tensors are: a loop that reads other kinds too takes ten times as long.
const listed = (value) => (typeof value === "number" ? Float64Array.of(value) : value);

const unary = (f) => (node) => {
  const [places, step] = reading(node.shapes[0], node.shape);
  return (out, a) => {
    const A = listed(a);
    for (let k = 0; k < out.length; k++) out[k] = f(A[places ? places[k] : k * step]);
  };
};

const binary = (f) => (node) => {
  const [[p, i], [q, j]] = node.shapes.map((shape) => reading(shape, node.shape));
  return (out, a, b) => {
    const [A, B] = [listed(a), listed(b)];
    for (let k = 0; k < out.length; k++) out[k] = f(A[p ? p[k] : k * i], B[q ? q[k] : k * j]);
  };
};

// Those that have one name in torch and in Math
const MATH = "abs sign exp expm1 log log2 log10 log1p sqrt sin cos tanh floor ceil trunc".split(" ");
const unaries = {
  ...Object.fromEntries(MATH.map((name) => [name, Math[name]])),
  neg: (v) => -v,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  not: (v) => !v,
  copy: (v) => v,
  // Math.round takes halves up; torch takes them to the even number.
  round: (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v)),
};

const binaries = {
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

// A sum or the like over some dimensions, which stay with length 1.
const over = (start, join) => (node) => {
  const places = placed(node.shapes[0], repeated(node.shape, node.shapes[0]));
  const total = new Float64Array(sizeOf(node.shape));
  return (out, a) => {
    total.fill(start);
    for (let k = 0; k < places.length; k++) total[places[k]] = join(total[places[k]], a[k]);
    out.set(total);
  };
};

// For each line of a tensor along a dimension, where its first entry stands, the step to the next, and its length.
const lines = (shape, dim) => {
  const flat = shape.map((length, k) => (k === dim ? 1 : length));
  return [placed(flat, inRows(shape)), inRows(shape)[dim] ?? 1, shape[dim] ?? 1];
};

// Where the entries of `shape` stand in a tensor of shape `whole`, but for the dimension `dim`, and the step along it.
const beside = (shape, whole, dim) => {
  const strides = inRows(whole);
  const without = strides.map((stride, k) => (k === dim ? 0 : stride));
  return [placed(shape, without), strides[dim] ?? 1];
};

const scatter = (join) => (node) => {
  const [, , index, source] = node.shapes;
  const [starts, step] = beside(index, node.shape, node.args[1]);
  const places = source && placed(index, inRows(source));
  return (out, a, _dim, chosen, values) => {
    out.set(a);
    for (let k = 0; k < starts.length; k++) {
      const at = starts[k] + chosen[k] * step;
      out[at] = join(out[at], places ? values[places[k]] : values);
    }
  };
};

const built = (make, table) => Object.fromEntries(Object.entries(table).map(([name, f]) => [name, make(f)]));

export const operations = {
  ...built(unary, unaries),
  ...built(binary, binaries),
  sum: over(0, (total, v) => total + v),
  prod: over(1, (total, v) => total * v),
  amax: over(Number.NEGATIVE_INFINITY, (most, v) => Math.max(most, v)),
  amin: over(Number.POSITIVE_INFINITY, (least, v) => Math.min(least, v)),
  scatter: scatter((_, v) => v),
  scatter_add: scatter((sum, v) => sum + v),
  full: () => (out, value) => void out.fill(value),

  where(node) {
    const [[p, i], [q, j], [r, l]] = node.shapes.map((shape) => reading(shape, node.shape));
    return (out, condition, a, b) => {
      const [C, A, B] = [condition, a, b].map(listed);
      for (let k = 0; k < out.length; k++) out[k] = C[p ? p[k] : k * i] ? A[q ? q[k] : k * j] : B[r ? r[k] : k * l];
    };
  },

  // A tensor read with strides: the same numbers where they stand together.
  strided({ args }) {
    const [, shape, strides, offset] = args;
    const [rows, size] = [inRows(shape), sizeOf(shape)];
    if (shape.every((length, dim) => length === 1 || strides[dim] === rows[dim]))
      return (_out, a) => (a.length === size ? a : a.subarray(offset, offset + size));
    const places = placed(shape, strides, offset);
    return (out, a) => {
      for (let k = 0; k < out.length; k++) out[k] = a[places[k]];
    };
  },

  strided_set({ args: [, , shape, strides, offset] }) {
    const places = placed(shape, strides, offset);
    return (out, a, b) => {
      out.set(a);
      for (let k = 0; k < places.length; k++) out[places[k]] = b[k];
    };
  },

  cat({ args: [, dim], shape }) {
    const before = sizeOf(shape.slice(0, dim));
    return (out, parts) => {
      let from = 0;
      for (const part of parts) {
        const length = part.length / before;
        for (let k = 0; k < before; k++)
          out.set(part.subarray(k * length, (k + 1) * length), (k * out.length) / before + from);
        from += length;
      }
    };
  },

  // Products of matrices (…, M, K) and (…, K, N), which skip the zeros of the first.
  mm({ shapes }) {
    const [[M, K], N] = [shapes[0].slice(-2), shapes[1].at(-1)];
    const total = new Float64Array(N);
    return (out, a, b) => {
      for (let row = 0; row < out.length / N; row++) {
        const matrix = Math.floor(row / M) * K * N;
        out.set(reconstruct(a, row * K, 1, K, matrix ? b.subarray(matrix) : b, N, total), row * N);
      }
    };
  },

  argmax({ shapes, args }) {
    const [starts, step, length] = lines(shapes[0], args[1][0]);
    return (out, a) => {
      for (let k = 0; k < out.length; k++) {
        let best = 0;
        for (let at = 1; at < length; at++) if (a[starts[k] + at * step] > a[starts[k] + best * step]) best = at;
        out[k] = best;
      }
    };
  },

  // The places of the entries along a dimension, in order: `some` of them from the one at `first` on.
  order({ shapes, shape, args: [, dim, largest, first, some] }) {
    const [starts, step, length] = lines(shapes[0], dim);
    const [to, stepTo] = lines(shape, dim);
    return (out, a) => {
      for (let k = 0; k < starts.length; k++) {
        const value = (at) => a[starts[k] + at * step];
        const places = Array.from({ length }, (_, at) => at);
        places.sort((i, j) => (largest ? value(j) - value(i) : value(i) - value(j)));
        for (let at = 0; at < some; at++) out[to[k] + at * stepTo] = places[first + at];
      }
    };
  },

  gather({ shapes, shape, args }) {
    const [starts, step] = beside(shape, shapes[0], args[1]);
    return (out, a, _dim, index) => {
      for (let k = 0; k < out.length; k++) out[k] = a[starts[k] + index[k] * step];
    };
  },

  index_select({ shapes, shape, args: [, dim] }) {
    const [starts, step] = beside(shape, shapes[0], dim);
    const along = shape.map((_, k) => Number(k === dim));
    const which = placed(shape, along);
    return (out, a, _dim, index) => {
      for (let k = 0; k < out.length; k++) out[k] = a[starts[k] + index[which[k]] * step];
    };
  },

  cumsum({ shape, args }) {
    const [starts, step, length] = lines(shape, args[1]);
    return (out, a) => {
      for (const start of starts)
        for (let at = 0, sum = 0; at < length; at++) {
          sum += a[start + at * step];
          out[start + at * step] = sum;
        }
    };
  },
};
