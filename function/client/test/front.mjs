// What the tests have in common: a front end and its function.
import { createClient } from '../credentials.mjs';
import { startFunction, tokenOf } from './function.mjs';

/** A client and its function. `user.name` is who is logged in; '' is nobody. */
export async function front(t, options = {}, { faults, seconds } = {}) {
  const f = await startFunction({ faults, seconds });
  t.after(f.close);
  const user = { name: 'alice' };
  const open = (more) =>
    createClient({ url: f.url, token: () => user.name && tokenOf(user.name), ...options, ...more });
  return { f, user, open, client: open() };
}

/** A page's sessionStorage. */
export function sessionStorage() {
  const map = new Map();
  return {
    map,
    getItem: (k) => map.get(k) ?? null,
    setItem: (k, v) => void map.set(k, v),
    removeItem: (k) => void map.delete(k),
  };
}

/** Moves the client's clock by so many seconds. */
export function moveClock(t, by) {
  const now = Date.now;
  const clock = { by, real: () => now() / 1000 };
  t.mock.method(Date, 'now', () => now() + clock.by * 1000);
  return clock;
}

export const authorized = (client, options = {}) =>
  new Promise((done) => {
    client.getAuthorization(options, done);
  });
export const scoped = (client, prefix) =>
  new Promise((done) => {
    client.getScopedAuthorization(
      { Scope: [{ action: 'name/cos:PutObject', bucket: 'examplebucket-1250000000', region: 'ap-guangzhou', prefix }] },
      done,
    );
  });
