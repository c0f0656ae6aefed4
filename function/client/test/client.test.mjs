// What the client does when all goes well: one key for all, renewed in time, and never another user's.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { wx } from '../../../test/clients/wx.mjs';
import { createClient } from '../credentials.mjs';
import { refuse, startFunction, tokenOf } from './function.mjs';

/** A client and its function. `user.name` is who is logged in; '' is nobody. */
async function front(t, options = {}, { faults, seconds } = {}) {
  const f = await startFunction({ faults, seconds });
  t.after(f.close);
  const user = { name: 'alice' };
  const open = (more) => createClient({ url: f.url, token: () => user.name && tokenOf(user.name), ...options, ...more });
  return { f, user, open, client: open() };
}

/** A page's sessionStorage. */
function sessionStorage() {
  const map = new Map();
  return { map, getItem: (k) => map.get(k) ?? null, setItem: (k, v) => void map.set(k, v), removeItem: (k) => void map.delete(k) };
}

/** Moves the client's clock by so many seconds. */
function moveClock(t, by) {
  const now = Date.now;
  const clock = { by, real: () => now() / 1000 };
  t.mock.method(Date, 'now', () => now() + clock.by * 1000);
  return clock;
}

const authorized = (client, options = {}) => new Promise((done) => { client.getAuthorization(options, done); });
const scoped = (client, prefix) => new Promise((done) => {
  client.getScopedAuthorization({ Scope: [{ action: 'name/cos:PutObject', bucket: 'examplebucket-1250000000', region: 'ap-guangzhou', prefix }] }, done);
});

test('where to upload is known before the first upload, and costs no second call', async (t) => {
  const { f, client } = await front(t);
  const { bucket, region, prefix, headers } = await client.get();
  assert.deepEqual({ bucket, region, prefix, headers }, { bucket: 'examplebucket-1250000000', region: 'ap-guangzhou', prefix: 'users/alice/', headers: {} });
  const key = await authorized(client);
  assert.match(key.TmpSecretId, /^AKID-alice-1$/);
  assert.equal(f.requests.length, 1);
  assert.deepEqual(Object.keys(f.requests[0].body), []);
  assert.equal(f.requests[0].sealTo.length, 43);
});

test('18 uploads at once, and the page itself, are one call', async (t) => {
  const { f, client } = await front(t);
  const keys = await Promise.all([client.get(), ...Array.from({ length: 18 }, () => authorized(client))]);
  assert.equal(f.requests.length, 1);
  assert.equal(keys.length, 19);
});

test('one pair for a page, another for another page', async (t) => {
  const { f, client, open } = await front(t);
  await client.get();
  await client.links(['users/alice/a.jpg']);
  await open().get();
  assert.equal(f.requests[0].sealTo, f.requests[1].sealTo);
  assert.notEqual(f.requests[0].sealTo, f.requests[2].sealTo);
});

test('grant and pick are asked for', async (t) => {
  const { f, client } = await front(t, { grant: 'own-files', pick: 'team-1' });
  await client.get();
  await client.form('a.png', { grant: 'pictures', contentType: 'image/png' });
  assert.deepEqual(f.requests[0].body, { grant: 'own-files', pick: 'team-1' });
  assert.deepEqual(f.requests[1].body, { grant: 'pictures', pick: 'team-1', filename: 'a.png', contentType: 'image/png' });
});

test('addresses', async (t) => {
  const { f, open } = await front(t);
  for (const end of ['credentials', 'sts', '', 'credentials/', 'api/v1/credentials', 'api/v1']) {
    await open({ url: `http://${f.host}/${end}` }).get();
    assert.equal(f.requests.at(-1).resource, 'credentials', end);
  }
});

for (const [seconds, renewedAfter] of [[1800, 1680], [300, 180], [120, 60], [60, 30]]) {
  test(`a key of ${seconds} s is renewed after ${renewedAfter} s`, async (t) => {
    const { f, client } = await front(t, {}, { seconds });
    const clock = moveClock(t, 0);
    await client.get();
    clock.by = renewedAfter - 5;
    await Promise.all([client.get(), authorized(client)]);
    assert.equal(f.requests.length, 1, 'too early');
    clock.by = renewedAfter + 5;
    await Promise.all([client.get(), authorized(client)]);
    assert.equal(f.requests.length, 2, 'once');
  });
}

for (const hours of [2, -2]) {
  test(`a clock that is ${hours} h wrong: a key is kept for half of its life`, async (t) => {
    const { f, client } = await front(t);
    const clock = moveClock(t, hours * 3600);
    const key = await authorized(client);
    assert.ok(Math.abs(key.StartTime + 60 - clock.real()) < 30);
    for (const [after, calls] of [[760, 1], [795, 2]]) {
      clock.by = hours * 3600 + after;
      await authorized(client);
      assert.equal(f.requests.length, calls, `after ${after} s`);
    }
    clock.by -= 7200; // somebody sets it right, backwards: nobody knows how old the key is
    await authorized(client);
    assert.equal(f.requests.length, 3);
  });
}

test('another user never gets the first one\'s key', async (t) => {
  const { f, user, client } = await front(t);
  await client.get();
  user.name = 'bob';
  assert.equal((await client.get()).prefix, 'users/bob/');
  assert.match((await authorized(client)).TmpSecretId, /^AKID-bob/);
  user.name = 'alice';
  assert.match((await authorized(client)).TmpSecretId, /^AKID-alice-3/, 'the old key was thrown away');
  user.name = '';
  assert.equal(await authorized(client), '');
  await assert.rejects(client.get(), { codeDesc: 'TokenMissing' });
  user.name = 'alice';
  await client.get();
  assert.equal(f.requests.length, 4, 'whoever logs in again is asked for again');
});

test('a renewed token is the same user; another right is not', async (t) => {
  let claims = {};
  const { f, client } = await front(t, { token: () => tokenOf('alice', claims) });
  await client.get();
  claims = { exp: 2e9, iat: 1, nbf: 1, jti: 'x' };
  await client.get();
  assert.equal(f.requests.length, 1);
  claims = { role: 'staff' };
  await client.get();
  assert.equal(f.requests.length, 2);
});

test('a token that is no JWT', async (t) => {
  let token = 'opaque-1';
  const { f, client } = await front(t, { token: () => token });
  for (const [next, calls] of [['opaque-1', 1], ['opaque-1', 1], ['opaque-2', 2], ['a.!.c', 3], ['a.bnVsbA.c', 4]]) {
    token = next;
    await client.get();
    assert.equal(f.requests.length, calls, next);
  }
});

test('the user changes while the answer is on its way', async (t) => {
  const user = { name: 'alice' };
  const bobComes = () => { user.name = 'bob'; return 'good'; };
  const { f, client } = await front(t, { token: () => tokenOf(user.name) }, { faults: [bobComes] });
  await assert.rejects(client.get(), { codeDesc: 'UserChanged' });
  assert.equal((await client.get()).prefix, 'users/bob/');
  assert.deepEqual(f.requests.map((r) => r.user), ['alice', 'bob']);
});

test('the user logs out while the answer is on its way', async (t) => {
  const user = { name: 'alice' };
  const storage = sessionStorage();
  const leaves = () => { user.name = ''; return 'good'; };
  const { client } = await front(t, { storage, token: () => user.name && tokenOf(user.name) }, { faults: [leaves] });
  await assert.rejects(client.get(), { codeDesc: 'TokenMissing' });
  assert.equal(storage.map.size, 0);
});

test('another login as another user', async (t) => {
  const user = { name: 'alice' };
  const { client } = await front(t, { token: () => tokenOf(user.name), relogin: () => { user.name = 'bob'; } }, { faults: [refuse(401, 40102, 'TokenExpired')] });
  assert.equal((await client.get()).prefix, 'users/bob/');
});

test('one login for all who were refused', async (t) => {
  let logins = 0;
  const faults = Array.from({ length: 3 }, () => refuse(401, 40102, 'TokenExpired'));
  const { client } = await front(t, { relogin: () => { logins += 1; return new Promise((done) => { setTimeout(done, 500); }); } }, { faults });
  await Promise.all([client.get(), client.links(['a']), client.form('a.png')]);
  assert.equal(logins, 1);
});

test('ten loads of a page', async (t) => {
  for (const [storage, calls] of [[undefined, 10], [sessionStorage(), 1]]) {
    const { f, open } = await front(t, { storage });
    for (let i = 0; i < 10; i += 1) assert.equal((await open().get()).prefix, 'users/alice/');
    assert.equal(f.requests.length, calls);
  }
});

test('what is in the storage is for its user only, and while it is good', async (t) => {
  const storage = sessionStorage();
  const { f, user, open } = await front(t, { storage });
  await open().get();
  user.name = 'bob';
  assert.equal((await open().get()).prefix, 'users/bob/');
  assert.ok(!JSON.stringify([...storage.map]).includes('alice'), 'another user\'s key stays behind');
  await open({ grant: 'pictures' }).get();
  assert.equal(f.requests.length, 3, 'another grant is another key');
  const clock = moveClock(t, 1750);
  await open().get();
  assert.equal(f.requests.length, 4, 'it was too old');
  clock.by = 0;
  await open().get();
  assert.equal(f.requests.length, 5, 'it is from the future');
  const client = open();
  await client.get();
  client.forget();
  assert.equal([...storage.map.keys()].filter((name) => !name.includes('pictures')).length, 0);
  await client.get();
  assert.equal(f.requests.length, 6);
});

test('another user throws the first one\'s key away, even if there is none for the second', async (t) => {
  const storage = sessionStorage();
  const { user, open } = await front(t, { storage }, { faults: [() => 'good', refuse(403, 40300, 'NotEntitled')] });
  await open().get();
  user.name = 'bob';
  await assert.rejects(open().get(), { codeDesc: 'NotEntitled' });
  assert.equal(storage.map.size, 0);
});

test('a stored key that lacks something is not used', async (t) => {
  const storage = sessionStorage();
  const { f, open } = await front(t, { storage });
  const stored = async (change) => {
    await open().get();
    const [[name, text]] = storage.map;
    const key = JSON.parse(text);
    change(key);
    storage.map.set(name, JSON.stringify(key));
    const before = f.requests.length;
    await open().get();
    return before === f.requests.length;
  };
  assert.equal(await stored(() => {}), true);
  for (const change of [
    (key) => { delete key.answer; }, (key) => { delete key.answer.bucket; }, (key) => { key.answer.credentials = null; },
    (key) => { delete key.asked; }, (key) => { key.good = 'long'; }, (key) => { delete key.owner; },
  ]) assert.equal(await stored(change), false, String(change));
});

test('scope mode: no more than a hundred keys are kept', async (t) => {
  const { f, client } = await front(t, { seal: false });
  for (let i = 0; i <= 100; i += 1) await scoped(client, `users/alice/${i}`);
  await scoped(client, 'users/alice/100');
  assert.equal(f.requests.length, 101);
  await scoped(client, 'users/alice/0');
  assert.equal(f.requests.length, 102);
});

test('what is in the storage holds no secret key of the pair, and no token', async (t) => {
  const storage = sessionStorage();
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const { client, f } = await front(t, { storage, randomBytes: () => secret });
  await client.get();
  const text = JSON.stringify([...storage.map]);
  assert.ok(!text.includes(Buffer.from(secret).toString('base64url')) && !text.includes(f.requests[0].token) && !text.includes(f.requests[0].sealTo));
});

test('scope mode: a key for what is asked, once for each', async (t) => {
  const { f, user, client } = await front(t);
  const keys = await Promise.all(['a', 'a', 'a', 'b'].map((name) => scoped(client, `users/alice/${name}`)));
  assert.ok(keys.every((key) => key.ScopeLimit === true));
  await scoped(client, 'users/alice/a');
  assert.deepEqual(f.requests.map((r) => r.body.scope[0].prefix), ['users/alice/a', 'users/alice/b']);
  await client.get();
  user.name = 'bob';
  await scoped(client, 'users/alice/a');
  assert.deepEqual(f.requests.map((r) => r.user), ['alice', 'alice', 'alice', 'bob']);
});

test('scope mode without a scope asks for nothing, and never for everything', async (t) => {
  const { f, client } = await front(t);
  await new Promise((done) => { client.getScopedAuthorization({}, done); });
  await new Promise((done) => { client.getScopedAuthorization(undefined, done); });
  assert.deepEqual(f.requests.map((r) => r.body), [{ scope: [] }]);
});

test('links, in order', async (t) => {
  const { f, client } = await front(t);
  const { links, expiredTime } = await client.links(['users/alice/a.jpg', 'users/alice/小明.jpg'], { expires: 600, process: 'imageMogr2/thumbnail/200x' });
  assert.deepEqual(links.map((l) => l.key), ['users/alice/a.jpg', 'users/alice/小明.jpg']);
  assert.ok(expiredTime > 0 && f.requests[0].resource === 'links');
  assert.deepEqual(f.requests[0].body, { keys: ['users/alice/a.jpg', 'users/alice/小明.jpg'], expires: 600, process: 'imageMogr2/thumbnail/200x' });
});

test('a form and its upload, as pages and as Mini Programs send it', async (t) => {
  const bodies = [];
  let status = 200;
  const cos = http.createServer(async (incoming, response) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks).toString());
    response.writeHead(status);
    response.end(status === 200 ? '' : '<Error><Code>EntityTooLarge</Code><Message>Too large</Message><RequestId>r-cos</RequestId></Error>');
  }).listen(0, '127.0.0.1');
  await once(cos, 'listening');
  t.after(() => cos.close());
  const path = join(mkdtempSync(join(tmpdir(), 'client-')), 'a.png');
  writeFileSync(path, 'a picture');
  for (const [more, file] of [[{}, new Blob(['a picture'], { type: 'image/png' })], [{ request: wx.request, uploadFile: wx.uploadFile }, path]]) {
    const { client } = await front(t, more);
    const form = { ...await client.form('a.png'), cosHost: `127.0.0.1:${cos.address().port}` };
    status = 200;
    assert.equal(await client.upload(form, file, 'http:'), form.key);
    const names = [...bodies.at(-1).matchAll(/; name="([^"]+)"/g)].map((m) => m[1]);
    assert.deepEqual(names, ['key', 'success_action_status', 'policy', 'q-signature', 'file'], 'the file comes last');
    assert.match(bodies.at(-1), /a picture/);
    status = 400;
    await assert.rejects(client.upload(form, file, 'http:'), { codeDesc: 'EntityTooLarge', status: 400, requestId: 'r-cos' });
  }
});

test('no message of an error holds the token or the public key', async (t) => {
  const { client, f } = await front(t, {}, { faults: [(response) => response.socket.destroy()] });
  const error = await client.get().catch((e) => e);
  assert.ok(!error.message.includes(f.requests[0].token) && !error.message.includes('sealTo'));
});
