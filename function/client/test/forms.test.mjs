// Links, and forms and their upload.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { wx } from '../../../test/clients/wx.mjs';
import { front } from './front.mjs';

test('links, in order', async (t) => {
  const { f, client } = await front(t);
  const { links, expiredTime } = await client.links(['users/alice/a.jpg', 'users/alice/小明.jpg'], {
    expires: 600,
    process: 'imageMogr2/thumbnail/200x',
  });
  assert.deepEqual(
    links.map((l) => l.key),
    ['users/alice/a.jpg', 'users/alice/小明.jpg'],
  );
  assert.ok(expiredTime > 0 && f.requests[0].resource === 'links');
  assert.deepEqual(f.requests[0].body, {
    keys: ['users/alice/a.jpg', 'users/alice/小明.jpg'],
    expires: 600,
    process: 'imageMogr2/thumbnail/200x',
  });
});

test('a form and its upload, as pages and as Mini Programs send it', async (t) => {
  const bodies = [];
  let status = 200;
  const cos = http
    .createServer(async (incoming, response) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(status);
      response.end(
        status === 200
          ? ''
          : '<Error><Code>EntityTooLarge</Code><Message>Too large</Message><RequestId>r-cos</RequestId></Error>',
      );
    })
    .listen(0, '127.0.0.1');
  await once(cos, 'listening');
  t.after(() => cos.close());
  const path = join(mkdtempSync(join(tmpdir(), 'client-')), 'a.png');
  writeFileSync(path, 'a picture');
  for (const [more, file] of [
    [{}, new Blob(['a picture'], { type: 'image/png' })],
    [{ request: wx.request, uploadFile: wx.uploadFile }, path],
  ]) {
    const { client } = await front(t, more);
    const form = { ...(await client.form('a.png')), cosHost: `127.0.0.1:${cos.address().port}` };
    status = 200;
    assert.equal(await client.upload(form, file, 'http:'), form.key);
    const names = [...bodies.at(-1).matchAll(/; name="([^"]+)"/g)].map((m) => m[1]);
    assert.deepEqual(names, ['key', 'success_action_status', 'policy', 'q-signature', 'file'], 'the file comes last');
    assert.match(bodies.at(-1), /a picture/);
    status = 400;
    await assert.rejects(client.upload(form, file, 'http:'), {
      codeDesc: 'EntityTooLarge',
      status: 400,
      requestId: 'r-cos',
    });
  }
});

test('no message of an error holds the token or the public key', async (t) => {
  const { client, f } = await front(t, {}, { faults: [(response) => response.socket.destroy()] });
  const error = await client.get().catch((e) => e);
  assert.ok(!error.message.includes(f.requests[0].token) && !error.message.includes('sealTo'));
});
