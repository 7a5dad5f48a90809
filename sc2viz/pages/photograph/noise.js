// The numbers of numpy's RandomState(seed).standard_normal, by the Mersenne Twister and Marsaglia's polar method.

const SIZE = 624; // numbers of the twister's state
const SHIFT = 397; // places between two numbers that are mixed

// A function that draws the numbers of RandomState(seed).random_sample one after the other: in [0, 1), with 53 bits.
export const uniform = (seed) => {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let k = 1; k < SIZE; k++) state[k] = Math.imul(1812433253, state[k - 1] ^ (state[k - 1] >>> 30)) + k;
  let index = SIZE;
  const twist = () => {
    for (let k = 0; k < SIZE; k++) {
      const y = (state[k] & 0x80000000) | (state[(k + 1) % SIZE] & 0x7fffffff);
      state[k] = state[(k + SHIFT) % SIZE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    index = 0;
  };
  const word = () => {
    if (index === SIZE) twist();
    let y = state[index++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  return () => {
    const [high, low] = [word() >>> 5, word() >>> 6];
    return (high * 67108864 + low) / 9007199254740992;
  };
};

// The first `count` numbers of RandomState(seed).standard_normal, in 32 bits.
export const gauss = (count, seed = 0) => {
  const random = uniform(seed);
  const numbers = new Float32Array(count + 1);
  for (let k = 0; k < count; k += 2) {
    let [x, y, square] = [0, 0, 0];
    while (square >= 1 || square === 0) {
      x = 2 * random() - 1;
      y = 2 * random() - 1;
      square = x * x + y * y;
    }
    const stretch = Math.sqrt((-2 * Math.log(square)) / square);
    numbers[k] = stretch * y;
    numbers[k + 1] = stretch * x;
  }
  return numbers.subarray(0, count);
};

// Adds noise times sigma to the bytes of a picture, writes its pixels to `out` as RGBA, and returns their PSNR in dB.
export const add = (clean, noise, sigma, channels, out) => {
  let squares = 0;
  for (let pixel = 0, k = 0; k < clean.length; pixel += 4) {
    for (let c = 0; c < channels; c++, k++) {
      const value = Math.max(0, Math.min(255, clean[k] + sigma * noise[k]));
      squares += (value - clean[k]) ** 2;
      out[pixel + c] = value;
    }
    if (channels === 1) out[pixel + 1] = out[pixel + 2] = out[pixel];
    out[pixel + 3] = 255;
  }
  return 10 * Math.log10((255 * 255 * clean.length) / squares);
};
