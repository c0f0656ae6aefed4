// What a key can do beyond its prefix, with cos-nodejs-sdk-v5 and the grants of events/access/office.yaml: a common
// folder that is read and not written, uploads that nobody can open, and uploads that never replace an object.
import { equal, failed, refused, sameBytes, saying } from './check.mjs';
import { main, workFolder } from './cloud.mjs';
import { login } from './journey.mjs';
import { nodeClient } from './nodejs.mjs';

const text = (s) => new TextEncoder().encode(s);

await main(async (cloud, say) => {
  const client = nodeClient(workFolder());
  const user = (name, grant) => login(client, cloud, name, { grant });
  const put = (who, key, body, more = {}) => who.do('putObject', { Key: key, Body: client.body(body), ...more });
  const read = async (who, key) => client.bytes((await who.do('getObject', { Key: key, ...client.wholeFile })).Body);

  const alice = await user('alice', 'office');
  const bob = await user('bob', 'office');
  await put(alice, 'files/alice/a.txt', 'hers');
  sameBytes('the common folder is read', await read(bob, 'files/alice/a.txt'), text('hers'));
  equal('and listed', (await bob.do('getBucket', { Prefix: 'files/' })).Contents.map((o) => o.Key), ['files/alice/a.txt']);
  await refused('written', put(bob, 'files/alice/a.txt', 'his'));
  await refused('deleted', bob.do('deleteObject', { Key: 'files/alice/a.txt' }));
  await bob.do('putObjectCopy', { Key: 'files/bob/a.txt', CopySource: bob.source('files/alice/a.txt') });
  sameBytes('copied into the own part', await read(bob, 'files/bob/a.txt'), text('hers'));
  await refused('copied into hers', bob.do('putObjectCopy', { Key: 'files/alice/b.txt', CopySource: bob.source('files/bob/a.txt') }));
  say('the common folder: read, listed and copied from, never written');

  await refused('public-read', put(alice, 'files/alice/b.txt', 'x', { ACL: 'public-read' }));
  await refused('a grant', put(alice, 'files/alice/b.txt', 'x', { GrantRead: 'id="100000000003"' }));
  await refused('public-read, in parts', alice.do('multipartInit', { Key: 'files/alice/b.txt', ACL: 'public-read' }));
  await refused('opened afterwards', alice.do('putObjectAcl', { Key: 'files/alice/a.txt', ACL: 'public-read' }));
  await put(alice, 'files/alice/b.txt', 'x', { ACL: 'private' });
  equal('a stranger reads it', (await fetch(`http://${cloud.cosHost}/files/alice/b.txt`)).status, 403);
  say('uploads stay private');

  const clerk = await user('alice', 'records');
  const once = { ContentType: 'application/pdf', Headers: { 'x-cos-forbid-overwrite': 'true' } };
  await refused('without the header', put(clerk, 'records/alice/a.pdf', '1', { ContentType: 'application/pdf' }));
  await put(clerk, 'records/alice/a.pdf', '1', once);
  equal('the header is in the answer', clerk.answers.at(-1).data.headers, { 'x-cos-forbid-overwrite': 'true' });
  const { status, code } = saying(await failed('a second time', put(clerk, 'records/alice/a.pdf', '2', once)));
  equal('a second time', [status, code], [409, 'FileAlreadyExists']);
  sameBytes('it is as it was', await read(clerk, 'records/alice/a.pdf'), text('1'));
  say('uploads never replace an object');
});
