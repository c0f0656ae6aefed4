// What can go wrong between a front end and the function: each ends in time, with the right error, and nothing hangs.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { wx } from '../../../test/clients/wx.mjs';
import { CredentialsError, createClient } from '../credentials.mjs';
import { refuse, sealed, send, startFunction, tokenOf } from './function.mjs';

const soon = 1000; // ms, instead of 15,000, where that is what is waited for
const never = () => new Promise(() => {});
const [busy, expired] = [[503, 50301, 'StsBusy'], [401, 40102, 'TokenExpired']];
const busyFor = (seconds) => refuse(...busy, { 'Retry-After': String(seconds) });
const html = (status) => (response) => send(response, status, '<html>Bad gateway</html>', { 'Content-Type': 'text/html' });
const text = (body) => (response) => send(response, 200, body);
const otherKey = 'CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const changed = (at) => (response, { body }) => {
  const bytes = Buffer.from(JSON.parse(body).sealed, 'base64url');
  bytes[at < 0 ? bytes.length + at : at] ^= 1;
  send(response, 200, JSON.stringify({ sealed: bytes.toString('base64url'), requestId: 'r-1' }));
};

// hangs: the client's limit is a second. faults: what the function does, request after request. want: the error's members, or undefined for a key. asked: how many
// requests the function gets.
const cases = {
  'the function hangs': { hangs: true, faults: [never], want: { codeDesc: 'Timeout' }, asked: 1 },
  'it hangs in the middle of its answer': {
    hangs: true, faults: [(r) => { r.writeHead(200); r.write('{"sealed":"'); }], want: { codeDesc: 'Timeout' }, asked: 1,
  },
  "a gateway's HTML with 502": { faults: [html(502)], want: { codeDesc: 'BadAnswer', status: 502 }, asked: 1 },
  'HTML with 200': { faults: [html(200)], want: { codeDesc: 'BadAnswer' }, asked: 1 },
  'an empty answer': { faults: [text('')], want: { codeDesc: 'BadAnswer' }, asked: 1 },
  'JSON that is no object': { faults: [text('[1]')], want: { codeDesc: 'BadAnswer' }, asked: 1 },
  'null': { faults: [text('null')], want: { codeDesc: 'BadAnswer' }, asked: 1 },
  'half of the JSON': { faults: [(r, { body }) => send(r, 200, body.slice(0, 200))], want: { codeDesc: 'BadAnswer' }, asked: 1 },
  'half of the body': {
    faults: [(r, { body }) => { r.writeHead(200, { 'Content-Length': body.length }); r.write(body.slice(0, 200)); setTimeout(() => r.destroy(), 20); }],
    want: { codeDesc: 'NetworkError' }, asked: 1,
  },
  'the connection is reset': { faults: [(r) => r.socket.resetAndDestroy()], want: { codeDesc: 'NetworkError' }, asked: 1 },
  'nobody listens': { down: true, want: { codeDesc: 'NetworkError' }, asked: 0 },
  'sealed, but no key in it': {
    faults: [(r, { request }) => send(r, 200, JSON.stringify(sealed(request, { requestId: 'r-1' })))], want: { codeDesc: 'BadAnswer' }, asked: 1,
  },
  'a key without its token': {
    faults: [(r, { request, answer }) => send(r, 200, JSON.stringify(sealed(request, { ...answer, credentials: { tmpSecretId: 'a', tmpSecretKey: 'b' } })))],
    want: { codeDesc: 'BadAnswer' }, asked: 1,
  },
  'an answer in clear': { plain: true, want: { codeDesc: 'NotSealed', requestId: 'r-1' }, asked: 1 },
  'an answer in clear, as asked': { options: { seal: false }, asked: 1 },
  'sealed to another key': {
    faults: [(r, { answer }) => send(r, 200, JSON.stringify(sealed({ sealTo: otherKey }, answer)))], want: { codeDesc: 'NotOpened' }, asked: 1,
  },
  "one bit of the seal's key changed": { faults: [changed(3)], want: { codeDesc: 'NotOpened', requestId: 'r-1' }, asked: 1 },
  'one bit of the sealed key changed': { faults: [changed(60)], want: { codeDesc: 'NotOpened' }, asked: 1 },
  'one bit of the tag changed': { faults: [changed(-1)], want: { codeDesc: 'NotOpened' }, asked: 1 },
  'a seal that is no base64url': { faults: [text('{"sealed":"dT2k*vdF"}')], want: { codeDesc: 'NotOpened' }, asked: 1 },
  'a seal spelled in another way': {
    faults: [(r, { request, answer }) => {
      let seal = '.';
      while (seal.length % 4 !== 0) { answer.requestId += '.'; seal = sealed(request, answer).sealed; }
      send(r, 200, JSON.stringify({ sealed: `${seal}=` }));
    }],
    want: { codeDesc: 'NotOpened' }, asked: 1,
  },
  'a seal that is no text': { faults: [text('{"sealed":{"a":1}}')], want: { codeDesc: 'NotOpened' }, asked: 1 },
  'another login was needed': { faults: [refuse(...expired)], options: { relogin: () => {} }, relogins: 1, asked: 2 },
  'another login does not help': {
    faults: [refuse(...expired), refuse(...expired)], options: { relogin: () => {} }, relogins: 1,
    want: { codeDesc: 'TokenExpired', code: 40102, status: 401, message: 'says TokenExpired', requestId: 'r-refused' }, asked: 2,
  },
  'there is no other login': { faults: [refuse(...expired)], want: { codeDesc: 'TokenExpired', status: 401 }, asked: 1 },
  'another login fails': {
    faults: [refuse(...expired)], options: { relogin: () => Promise.reject(new TypeError('no refresh token')) }, relogins: 1,
    want: { name: 'TypeError', message: 'no refresh token' }, asked: 1,
  },
  'no right to it': { faults: [refuse(403, 40300, 'NotEntitled')], want: { codeDesc: 'NotEntitled', code: 40300, requestId: 'r-refused' }, asked: 1 },
  'too many requests': { faults: [refuse(429, 42900, 'TooManyRequests', { 'Retry-After': '1' })], asked: 2 },
  'too many, for an hour': {
    faults: [refuse(429, 42900, 'TooManyRequests', { 'Retry-After': '3600' })], want: { codeDesc: 'TooManyRequests', retryAfter: 3600 }, asked: 1,
  },
  'STS is busy twice': { faults: [busyFor(1), busyFor(1)], want: { codeDesc: 'StsBusy', code: 50301, retryAfter: 1 }, asked: 2 },
  'busy, for no time that is said': { faults: [refuse(...busy)], want: { codeDesc: 'StsBusy' }, asked: 1 },
  'busy until a date': {
    faults: [refuse(...busy, { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' })], want: { codeDesc: 'StsBusy' }, asked: 1,
  },
  'busy, and then the login has expired': {
    faults: [busyFor(1), refuse(...expired)], options: { relogin: () => {} }, relogins: 1, asked: 3,
  },
  'misconfigured': { faults: [refuse(500, 50000, 'Misconfigured')], want: { codeDesc: 'Misconfigured', status: 500 }, asked: 1 },
  'nobody is logged in': { options: { token: () => '' }, want: { codeDesc: 'TokenMissing' }, asked: 0 },
  'the token is not to be had': {
    options: { token: () => { throw new RangeError('storage is full'); } }, want: { name: 'RangeError' }, asked: 0,
  },
  'the token never comes': { hangs: true, options: { token: never }, want: { codeDesc: 'Timeout' }, asked: 0 },
  'no random bytes': { options: { randomBytes: () => [] }, want: { codeDesc: 'NoRandomness' }, asked: 0 },
  'random bytes that are zeros': { options: { randomBytes: (n) => new Uint8Array(n) }, want: { codeDesc: 'NoRandomness' }, asked: 0 },
  'too few random bytes': { options: { randomBytes: () => new Uint8Array([1, 2, 3]) }, want: { codeDesc: 'NoRandomness' }, asked: 0 },
  'a number for random bytes': { options: { randomBytes: () => 32 }, want: { codeDesc: 'NoRandomness' }, asked: 0 },
  'random bytes that never come': { hangs: true, options: { randomBytes: never }, want: { codeDesc: 'NoRandomness' }, asked: 0 },
  'random bytes that fail': {
    options: { randomBytes: () => Promise.reject({ errMsg: 'getRandomValues:fail' }) }, want: { codeDesc: 'NoRandomness' }, asked: 0,
  },
  'no random bytes, and nothing to seal': { options: { randomBytes: () => [], seal: false }, asked: 1 },
  'a storage that throws': {
    options: { storage: { getItem() { throw new Error('blocked'); }, setItem() { throw new Error('full'); }, removeItem() { throw new Error('blocked'); } } },
    asked: 1,
  },
  'a storage with rubbish in it': { options: { storage: { getItem: () => '{"owner":', setItem() {}, removeItem() {} } }, asked: 1 },
};

for (const transport of ['fetch', 'wx.request']) {
  test(transport, { concurrency: 16 }, async (t) => {
    await Promise.all(Object.entries(cases).map(([name, c]) => t.test(name, { timeout: 20_000 }, () => run(c, transport))));
  });
}

/** The case for get, and again for getAuthorization, which must call back in any case. */
async function run({ hangs, faults, plain, down, want, asked, relogins = 0, options = {} }, transport) {
  for (const way of [byGet, byGetAuthorization]) {
    const f = await startFunction({ faults, plain });
    if (down) f.close();
    let loggedIn = 0;
    const client = createClient({
      url: f.url, token: () => tokenOf('alice'), ...(hangs && { timeout: soon }), ...(transport === 'fetch' ? {} : { request: wx.request }), ...options,
      ...(options.relogin && { relogin: (why) => { loggedIn += 1; assert.equal(why.status, 401); return options.relogin(); } }),
    });
    const { error, secretId } = await way(client);
    f.close();
    if (want) {
      assert.equal(secretId, undefined, 'a key was handed out');
      for (const [member, value] of Object.entries(want)) assert.equal(error[member], value, `${member} of ${error}`);
      if (want.codeDesc) assert.ok(error instanceof CredentialsError && error.message.length > 10);
    } else assert.match(String(secretId), /^AKID-alice/, `${error}`);
    assert.equal(f.requests.length, asked, 'requests');
    assert.equal(loggedIn, relogins, 'logins');
  }
}

const byGet = (client) => client.get().then((got) => ({ secretId: got.credentials.tmpSecretId }), (error) => ({ error }));

const byGetAuthorization = (client) => new Promise((done, failed) => {
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
  const other = http.createServer((_, response) => { elsewhere += 1; response.end('{}'); }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const away = (status) => (response) => send(response, status, '', { Location: `http://127.0.0.1:${other.address().port}/credentials` });
  const f = await startFunction({ faults: [away(302), away(307)] });
  const options = { url: f.url, token: () => tokenOf('alice') };
  await assert.rejects(createClient(options).get(), { codeDesc: 'NetworkError' });
  await assert.rejects(createClient({ ...options, request: wx.request }).get(), { codeDesc: 'BadAnswer', status: 307 });
  assert.equal(elsewhere, 0);
  f.close();
  other.close();
});

test('wx.request: what it is called with, and headers in lower case', async (t) => {
  const f = await startFunction({ faults: [busyFor(1)] });
  t.after(f.close);
  const seen = [];
  const lowerCase = (header) => Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]));
  const request = (options) => {
    seen.push(options);
    return wx.request({ ...options, success: (got) => options.success({ ...got, header: lowerCase(got.header) }) });
  };
  await createClient({ url: f.url, token: () => tokenOf('alice'), request }).get();
  assert.equal(f.requests.length, 2, 'it waited');
  const { method, redirect, dataType, timeout } = seen[0];
  assert.deepEqual({ method, redirect, dataType, timeout }, { method: 'POST', redirect: 'manual', dataType: 'text', timeout: 15_000 });
});

test('after a failure the next call is a new one', async () => {
  const f = await startFunction({ faults: [html(502)] });
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
  } finally { globalThis.fetch = fetch; }
});

/** Fake timers, and a wait until the client has got as far as that. */
function fakeTimers(t) {
  const { setImmediate: soonest } = globalThis;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return {
    pass: (ms) => t.mock.timers.tick(ms),
    until: async (done) => { while (!done()) await new Promise((next) => { soonest(next); }); },
  };
}

test('the limits: 15 s for a call, 5 minutes for a login, 10 minutes for an upload', async (t) => {
  const { pass, until } = fakeTimers(t);
  const f = await startFunction({ faults: [never, refuse(...expired)] });
  let relogins = 0;
  const relogin = () => { relogins += 1; return never(); };
  const client = createClient({ url: f.url, token: () => tokenOf('alice'), relogin });
  const ends = async (work, started, ms) => {
    let error;
    work.catch((e) => { error = e; });
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
  const cos = http.createServer(() => { posts += 1; }).listen(0, '127.0.0.1');
  await once(cos, 'listening');
  const form = { cosHost: `127.0.0.1:${cos.address().port}`, key: 'a', fields: {} };
  await ends(client.upload(form, new Blob(['a']), 'http:'), () => posts === 1, 600_000);
  f.close();
  cos.closeAllConnections();
  cos.close();
});
