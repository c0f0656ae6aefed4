// What a page finds again after a reload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { front, sessionStorage, moveClock } from './front.mjs';
import { refuse } from './function.mjs';

test('ten loads of a page', async (t) => {
  for (const [storage, calls] of [
    [undefined, 10],
    [sessionStorage(), 1],
  ]) {
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
  assert.ok(!JSON.stringify([...storage.map]).includes('alice'), "another user's key stays behind");
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

test("another user throws the first one's key away, even if there is none for the second", async (t) => {
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
    (key) => {
      delete key.answer;
    },
    (key) => {
      delete key.answer.bucket;
    },
    (key) => {
      key.answer.credentials = null;
    },
    (key) => {
      delete key.asked;
    },
    (key) => {
      key.good = 'long';
    },
    (key) => {
      delete key.owner;
    },
  ])
    assert.equal(await stored(change), false, String(change));
});

test('what is in the storage holds no secret key of the pair, and no token', async (t) => {
  const storage = sessionStorage();
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const { client, f } = await front(t, { storage, randomBytes: () => secret });
  await client.get();
  const text = JSON.stringify([...storage.map]);
  assert.ok(
    !text.includes(Buffer.from(secret).toString('base64url')) &&
      !text.includes(f.requests[0].token) &&
      !text.includes(f.requests[0].sealTo),
  );
});
