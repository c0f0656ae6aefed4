// What the scripts share, in Node and in a browser alike: checks that throw at the first difference, and bytes to send.

/** Calls a COS SDK's method with a callback, as applications do. */
export const call = (cos, method, params) =>
  new Promise((yes, no) => cos[method](params, (error, data) => (error ? no(error) : yes(data))));

export function equal(what, got, want) {
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

/** Compares byte by byte; got and want are Uint8Arrays. */
export function sameBytes(what, got, want) {
  equal(`${what}: length`, got.length, want.length);
  const at = got.findIndex((byte, i) => byte !== want[i]);
  if (at >= 0) throw new Error(`${what}: byte ${at} is ${got[at]}, want ${want[at]}`);
}

/** Bytes that look random and are the same at every run: a compressed or shifted copy would show. */
export function bytes(length, seed = 1) {
  const out = new Uint8Array(length);
  for (let i = 0, x = seed; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0; // Knuth's and Lewis's generator; its high bits are good enough
    out[i] = x >>> 24;
  }
  return out;
}

/** What an SDK's error says: its status, and the code of COS in it, if COS has spoken. */
export function saying(error) {
  if (error?.error?.statusCode) error = error.error; // cos-wx-sdk-v5 wraps those of an upload in parts
  const code = error?.error?.Code ?? error?.code ?? error?.error?.code ?? '';
  return { status: error?.statusCode ?? 0, code, message: String(error?.error?.Message ?? error?.message ?? error?.error?.message ?? error?.error ?? error) };
}

/** Holds that COS refused, for lack of a right, what was asked; and, if the reason matters, that it said that. */
export async function refused(what, promise, { code: want = 'AccessDenied', because = /./ } = {}) {
  const error = await failed(what, promise);
  const { status, code, message } = saying(error);
  if (status !== 403 || code !== want || !because.test(message)) {
    throw new Error(`${what}: want 403 ${want}, got ${status} ${code} (${message})`);
  }
}

/** Holds that it failed at all, and soon: an SDK whose callback is never called hangs without a word. */
export async function failed(what, promise) {
  let timer;
  const patience = new Promise((_, no) => { timer = setTimeout(no, 120_000, new Error(`${what}: it hangs`)); });
  const error = await Promise.race([promise.then(() => null, (e) => e), patience]).finally(() => clearTimeout(timer));
  if (!error) throw new Error(`${what}: it succeeded, and must not`);
  return error;
}
