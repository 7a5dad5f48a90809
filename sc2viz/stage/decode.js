// What travels as base64: bytes, and numbers of 32 bits.
export const bytes = (text) => {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) out[k] = raw.charCodeAt(k);
  return out;
};
export const floats = (text) => new Float32Array(bytes(text).buffer);
