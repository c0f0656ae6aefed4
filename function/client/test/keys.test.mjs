// One key for all who want the same, renewed in time, whatever the clock says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { front, moveClock, authorized, scoped } from './front.mjs';

test('where to upload is known before the first upload, and costs no second call', async (t) => {
  const { f, client } = await front(t);
  const { bucket, region, prefix, headers } = await client.get();
  assert.deepEqual(
    { bucket, region, prefix, headers },
    { bucket: 'examplebucket-1250000000', region: 'ap-guangzhou', prefix: 'users/alice/', headers: {} },
  );
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
  assert.deepEqual(f.requests[1].body, {
    grant: 'pictures',
    pick: 'team-1',
    filename: 'a.png',
    contentType: 'image/png',
  });
});

test('addresses', async (t) => {
  const { f, open } = await front(t);
  for (const end of ['credentials', 'sts', '', 'credentials/', 'api/v1/credentials', 'api/v1']) {
    await open({ url: `http://${f.host}/${end}` }).get();
    assert.equal(f.requests.at(-1).resource, 'credentials', end);
  }
});

for (const [seconds, renewedAfter] of [
  [1800, 1680],
  [300, 180],
  [120, 60],
  [60, 30],
]) {
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
    for (const [after, calls] of [
      [760, 1],
      [795, 2],
    ]) {
      clock.by = hours * 3600 + after;
      await authorized(client);
      assert.equal(f.requests.length, calls, `after ${after} s`);
    }
    clock.by -= 7200; // somebody sets it right, backwards: nobody knows how old the key is
    await authorized(client);
    assert.equal(f.requests.length, 3);
  });
}

test('scope mode: a key for what is asked, once for each', async (t) => {
  const { f, user, client } = await front(t);
  const keys = await Promise.all(['a', 'a', 'a', 'b'].map((name) => scoped(client, `users/alice/${name}`)));
  assert.ok(keys.every((key) => key.ScopeLimit === true));
  await scoped(client, 'users/alice/a');
  assert.deepEqual(
    f.requests.map((r) => r.body.scope[0].prefix),
    ['users/alice/a', 'users/alice/b'],
  );
  await client.get();
  user.name = 'bob';
  await scoped(client, 'users/alice/a');
  assert.deepEqual(
    f.requests.map((r) => r.user),
    ['alice', 'alice', 'alice', 'bob'],
  );
});

test('scope mode without a scope asks for nothing, and never for everything', async (t) => {
  const { f, client } = await front(t);
  await new Promise((done) => {
    client.getScopedAuthorization({}, done);
  });
  await new Promise((done) => {
    client.getScopedAuthorization(undefined, done);
  });
  assert.deepEqual(
    f.requests.map((r) => r.body),
    [{ scope: [] }],
  );
});

test('scope mode: no more than a hundred keys are kept', async (t) => {
  const { f, client } = await front(t, { seal: false });
  for (let i = 0; i <= 100; i += 1) await scoped(client, `users/alice/${i}`);
  await scoped(client, 'users/alice/100');
  assert.equal(f.requests.length, 101);
  await scoped(client, 'users/alice/0');
  assert.equal(f.requests.length, 102);
});
