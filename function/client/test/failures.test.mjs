// What can go wrong between a front end and the function: each ends in time, with the right error, and nothing hangs.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { wx } from '../../../test/clients/wx.mjs';
import { CredentialsError, createClient } from '../credentials.mjs';
import { cases } from './cases.mjs';
import { refuse, send, startFunction, tokenOf } from './function.mjs';

const soon = 1000; // ms, instead of 15,000, where that is what is waited for
const never = () => new Promise(() => {});
const expired = refuse(401, 40102, 'TokenExpired');

for (const transport of ['fetch', 'wx.request']) {
  test(transport, { concurrency: 16 }, async (t) => {
    await Promise.all(cases.map(([name, ...rest]) => t.test(name, { timeout: 20_000 }, () => run(transport, ...rest))));
  });
}

/** The case for get, and again for getAuthorization, which must call back in any case. */
async function run(transport, ends, asked, { faults, plain, down, hangs, options = {}, error: members, relogins = 0 }) {
  for (const way of [byGet, byGetAuthorization]) {
    const f = await startFunction({ faults, plain });
    if (down) f.close();
    let logins = 0;
    const relogin = (why) => {
      logins += 1;
      assert.equal(why.status, 401);
      return options.relogin();
    };
    const client = createClient({
      url: f.url,
      token: () => tokenOf('alice'),
      ...(hangs && { timeout: soon }),
      ...(transport === 'wx.request' && { request: wx.request }),
      ...options,
      ...(options.relogin && { relogin }),
    });
    const { error, secretId } = await way(client);
    f.close();
    assert.equal(secretId ? 'key' : error.codeDesc || error.name, ends, `${error}`);
    assert.ok(!secretId || secretId.startsWith('AKID-alice'));
    if (error && error.codeDesc) assert.ok(error instanceof CredentialsError && error.message.length > 10);
    if (error && error.code) assert.deepEqual([error.message, error.requestId], [`says ${ends}`, 'r-refused']);
    for (const [member, value] of Object.entries(members || {})) assert.equal(error[member], value, member);
    assert.equal(f.requests.length, asked, 'requests');
    assert.equal(logins, relogins, 'logins');
  }
}

const byGet = (client) =>
  client.get().then(
    (got) => ({ secretId: got.credentials.tmpSecretId }),
    (error) => ({ error }),
  );

const byGetAuthorization = (client) =>
  new Promise((done, failed) => {
    let called = 0;
    client.getAuthorization({}, (key) => {
      if (called++ > 0) failed(new Error('called back twice'));
      // What the SDKs make of an empty answer.
      const error = client.explain(new Error('getAuthorization callback params missing "TmpSecretId"'));
      done(key ? { secretId: key.TmpSecretId } : { error });
    });
  });

test('a redirect is not followed, and takes no token away', async () => {
  let elsewhere = 0;
  const other = http
    .createServer((_, response) => {
      elsewhere += 1;
      response.end('{}');
    })
    .listen(0, '127.0.0.1');
  await once(other, 'listening');
  const away = (status) => (response) =>
    send(response, status, '', { Location: `http://127.0.0.1:${other.address().port}/credentials` });
  const f = await startFunction({ faults: [away(302), away(307)] });
  const options = { url: f.url, token: () => tokenOf('alice') };
  await assert.rejects(createClient(options).get(), { codeDesc: 'NetworkError' });
  await assert.rejects(createClient({ ...options, request: wx.request }).get(), { codeDesc: 'BadAnswer', status: 307 });
  assert.equal(elsewhere, 0);
  f.close();
  other.close();
});

test('wx.request: what it is called with, and headers in lower case', async (t) => {
  const f = await startFunction({ faults: [refuse(503, 50301, 'StsBusy', { 'Retry-After': '1' })] });
  t.after(f.close);
  const seen = [];
  const lowerCase = (header) =>
    Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]));
  const request = (options) => {
    seen.push(options);
    return wx.request({ ...options, success: (got) => options.success({ ...got, header: lowerCase(got.header) }) });
  };
  await createClient({ url: f.url, token: () => tokenOf('alice'), request }).get();
  assert.equal(f.requests.length, 2, 'it waited');
  const { method, redirect, dataType, timeout } = seen[0];
  assert.deepEqual(
    { method, redirect, dataType, timeout },
    { method: 'POST', redirect: 'manual', dataType: 'text', timeout: 15_000 },
  );
});

test('after a failure the next call is a new one', async () => {
  const f = await startFunction({ faults: [(response) => send(response, 502, '<html>')] });
  let random = [];
  const client = createClient({ url: f.url, token: () => tokenOf('alice'), randomBytes: () => random });
  await assert.rejects(client.get(), { codeDesc: 'NoRandomness' });
  random = crypto.getRandomValues(new Uint8Array(32));
  await assert.rejects(client.get(), { codeDesc: 'BadAnswer' });
  assert.equal((await client.get()).prefix, 'users/alice/');
  f.close();
});

test('nothing to send with', () => {
  const { fetch } = globalThis;
  try {
    delete globalThis.fetch;
    assert.throws(() => createClient({ url: 'https://f.example.com/', token: () => '' }), { codeDesc: 'NoTransport' });
  } finally {
    globalThis.fetch = fetch;
  }
});

/** Fake timers, and a wait until the client has got as far as that. */
function fakeTimers(t) {
  const { setImmediate: soonest } = globalThis;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return {
    pass: (ms) => t.mock.timers.tick(ms),
    until: async (done) => {
      while (!done())
        await new Promise((next) => {
          soonest(next);
        });
    },
  };
}

test('the limits: 15 s for a call, 5 minutes for a login, 10 minutes for an upload', async (t) => {
  const { pass, until } = fakeTimers(t);
  const f = await startFunction({ faults: [never, expired] });
  let relogins = 0;
  const relogin = () => {
    relogins += 1;
    return never();
  };
  const client = createClient({ url: f.url, token: () => tokenOf('alice'), relogin });
  const ends = async (work, started, ms) => {
    let error;
    work.catch((e) => {
      error = e;
    });
    await until(started);
    pass(ms - 1);
    await new Promise(setImmediate);
    assert.equal(error, undefined, `before ${ms} ms`);
    pass(1);
    await until(() => error);
    assert.equal(error.codeDesc, 'Timeout');
    assert.match(error.message, new RegExp(`longer than ${ms / 1000} s`));
  };
  await ends(client.get(), () => f.requests.length === 1, 15_000);
  await ends(client.get(), () => relogins === 1, 300_000);
  let posts = 0;
  const cos = http
    .createServer(() => {
      posts += 1;
    })
    .listen(0, '127.0.0.1');
  await once(cos, 'listening');
  const form = { cosHost: `127.0.0.1:${cos.address().port}`, key: 'a', fields: {} };
  await ends(client.upload(form, new Blob(['a']), 'http:'), () => posts === 1, 600_000);
  f.close();
  cos.closeAllConnections();
  cos.close();
});
