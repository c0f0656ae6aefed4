// The function's answers in clear, for who can't or won't seal: with `seal: false` the client takes them.
import { bytes, equal, failed, refused, sameBytes } from './check.mjs';
import { main, workFolder } from './cloud.mjs';
import { login } from './journey.mjs';
import { nodeClient } from './nodejs.mjs';

await main(async (cloud, say) => {
  const client = nodeClient(workFolder());
  const alice = await login(client, cloud, 'alice', { seal: false });
  const Key = `${alice.folder}plain.bin`;
  await alice.do('uploadFile', { Key, ...client.file('plain.bin', bytes(3 << 20)) });
  equal('the answer', JSON.parse(alice.answers[0].text).prefix, alice.folder);
  sameBytes(Key, client.bytes((await alice.do('getObject', { Key })).Body), bytes(3 << 20));
  const [{ url }] = (await alice.api.links([Key])).links;
  sameBytes('link', await client.link(url), bytes(3 << 20));
  await refused('next door', alice.do('putObject', { Key: 'users/alice2/x', Body: 'x' }));

  // Who seals doesn't take one, even if somebody between page and function takes sealTo out of the question.
  const tamper = { url: (url) => url.replace(/\?sealTo=.*/, '') };
  const { api, answers } = await login(client, cloud, 'alice', { tamper });
  equal('downgraded', [(await failed('downgraded', api.get())).codeDesc, answers[0].status], ['NotSealed', 200]);
  say('in clear: upload in parts, read, link, refused next door; and who seals refuses it');
});
