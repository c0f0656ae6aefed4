// A key is its user's, and never another's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { front, sessionStorage, authorized } from './front.mjs';
import { refuse, tokenOf } from './function.mjs';

test("another user never gets the first one's key", async (t) => {
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
  for (const [next, calls] of [
    ['opaque-1', 1],
    ['opaque-1', 1],
    ['opaque-2', 2],
    ['a.!.c', 3],
    ['a.bnVsbA.c', 4],
  ]) {
    token = next;
    await client.get();
    assert.equal(f.requests.length, calls, next);
  }
});

test('the user changes while the answer is on its way', async (t) => {
  const user = { name: 'alice' };
  const bobComes = () => {
    user.name = 'bob';
    return 'good';
  };
  const { f, client } = await front(t, { token: () => tokenOf(user.name) }, { faults: [bobComes] });
  await assert.rejects(client.get(), { codeDesc: 'UserChanged' });
  assert.equal((await client.get()).prefix, 'users/bob/');
  assert.deepEqual(
    f.requests.map((r) => r.user),
    ['alice', 'bob'],
  );
});

test('the user logs out while the answer is on its way', async (t) => {
  const user = { name: 'alice' };
  const storage = sessionStorage();
  const leaves = () => {
    user.name = '';
    return 'good';
  };
  const { client } = await front(t, { storage, token: () => user.name && tokenOf(user.name) }, { faults: [leaves] });
  await assert.rejects(client.get(), { codeDesc: 'TokenMissing' });
  assert.equal(storage.map.size, 0);
});

test('another login as another user', async (t) => {
  const user = { name: 'alice' };
  const { client } = await front(
    t,
    {
      token: () => tokenOf(user.name),
      relogin: () => {
        user.name = 'bob';
      },
    },
    { faults: [refuse(401, 40102, 'TokenExpired')] },
  );
  assert.equal((await client.get()).prefix, 'users/bob/');
});

test('one login for all who were refused', async (t) => {
  let logins = 0;
  const faults = Array.from({ length: 3 }, () => refuse(401, 40102, 'TokenExpired'));
  const { client } = await front(
    t,
    {
      relogin: () => {
        logins += 1;
        return new Promise((done) => {
          setTimeout(done, 500);
        });
      },
    },
    { faults },
  );
  await Promise.all([client.get(), client.links(['a']), client.form('a.png')]);
  assert.equal(logins, 1);
});
