// The vendor's SDKs with the client's getAuthorization, and a COS that only writes down who signed.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { wx } from '../../../test/clients/wx.mjs';
import { createClient } from '../credentials.mjs';
import { refuse, startFunction, tokenOf } from './function.mjs';

Object.assign(globalThis, { wx, window: globalThis, location: { protocol: 'http:' } }); // before the SDKs are loaded
const require = createRequire(import.meta.url);

const signer = /q-ak=([^&]+)&.*q-key-time=(\d+);(\d+)/;
const cos = http
  .createServer((incoming, response) => {
    const [, id, from, until] = signer.exec(incoming.headers.authorization) || [];
    signed.push({ id, from: Number(from), until: Number(until), token: incoming.headers['x-cos-security-token'] });
    response.end();
  })
  .listen(0, '127.0.0.1');
await once(cos, 'listening');
cos.unref();
let signed = [];

/** cos-js-sdk-v5 outside of a page: its requests go by fetch. */
const byFetch = ({ method, url, headers }, callback) => {
  const done = ({ status, headers: got }) =>
    callback({ statusCode: status, headers: Object.fromEntries(got), body: '' });
  fetch(url, { method, headers }).then(done, (error) => callback({ error }));
};

const host = `127.0.0.1:${cos.address().port}`;
const sdks = {
  'cos-js-sdk-v5': (COS, more) => new COS({ Domain: host, Protocol: 'http:', Request: byFetch, ...more }),
  'cos-wx-sdk-v5': (COS, more) => new COS({ Domain: `http://${host}`, ...more }),
};

for (const [name, open] of Object.entries(sdks)) {
  const COS = require(name);
  const front = async (t, { scoped, ...options } = {}) => {
    signed = [];
    const f = await startFunction(options);
    t.after(f.close);
    const user = { name: 'alice' };
    const client = createClient({ url: f.url, token: () => tokenOf(user.name) });
    const sdk = open(COS, { getAuthorization: scoped ? client.getScopedAuthorization : client.getAuthorization });
    const head = (key) => sdk.headObject({ Bucket: 'examplebucket-1250000000', Region: 'ap-guangzhou', Key: key });
    return { f, user, client, head };
  };

  test(`${name}: one key for many requests`, async (t) => {
    const { f, client, head } = await front(t);
    await client.get();
    await Promise.all(Array.from({ length: 18 }, (_, i) => head(`users/alice/${i}`)));
    assert.equal(f.requests.length, 1);
    assert.ok(
      signed.length === 18 &&
        signed.every((s) => s.id === 'AKID-alice-1' && s.token === 'session-alice' && s.until - s.from === 1860),
    );
  });

  test(`${name}: one COS object, two users: each signs with a key of their own`, async (t) => {
    const { user, head } = await front(t);
    await head('users/alice/a');
    user.name = 'bob';
    await head('users/bob/a');
    assert.deepEqual(
      signed.map((s) => s.token),
      ['session-alice', 'session-bob'],
    );
  });

  for (const [what, hours, seconds] of [
    ['a clock 2 h ahead', 2, 1800],
    ['a clock 2 h behind', -2, 1800],
    ['a key of 60 s', 0, 60],
  ]) {
    test(`${name}: ${what}: no call for each request`, async (t) => {
      const { f, head } = await front(t, { seconds });
      const now = Date.now;
      t.mock.method(Date, 'now', () => now() + hours * 3600e3);
      for (let i = 0; i < 5; i += 1) await head('users/alice/a');
      assert.equal(f.requests.length, 1);
      assert.ok(
        signed.every((s) => Math.abs(s.from + 60 - now() / 1000) < 60),
        "signed for the server's time",
      );
    });
  }

  test(`${name}: scope mode`, async (t) => {
    const { f, head } = await front(t, { scoped: true });
    for (const key of ['users/alice/a', 'users/alice/b', 'users/alice/a']) await head(key);
    const scope = (prefix) => [
      { action: 'name/cos:HeadObject', bucket: 'examplebucket-1250000000', region: 'ap-guangzhou', prefix },
    ];
    assert.deepEqual(
      f.requests.map((r) => r.body.scope),
      [scope('users/alice/a'), scope('users/alice/b')],
    );
  });

  test(`${name}: a failed call ends the SDK's, and explain says why`, async (t) => {
    const { client, head } = await front(t, { faults: [refuse(403, 40302, 'IdentityNotUsable')] });
    const error = await head('users/alice/a').then(
      () => assert.fail('it succeeded'),
      (e) => e,
    );
    assert.match(error.message, /params missing/, 'what the SDK says');
    const why = client.explain(error);
    assert.deepEqual(
      [why.codeDesc, why.code, why.message, why.requestId],
      ['IdentityNotUsable', 40302, 'says IdentityNotUsable', 'r-refused'],
    );
    const other = new Error('AccessDenied');
    assert.equal(client.explain(other), other);
    assert.equal(client.explain(undefined), undefined);
  });
}
