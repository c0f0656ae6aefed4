// The SDKs' scope mode: every call asks the function for a key to exactly what it is about to do.
import { bytes, call, equal, failed, refused, sameBytes, saying } from './check.mjs';
import { toSDK } from './front.mjs';
import { bigSize, login } from './journey.mjs';

const actions = (user) => user.answers.map((a) => a.asked.scope.map((s) => s.action.replace('name/cos:', '')).join('+'));

/** The names of the actions asked for during work, in order. */
async function asking(user, work) {
  user.answers.length = 0;
  await work();
  equal('answers', user.answers.filter((a) => a.status !== 200), []);
  return actions(user);
}

export async function scopes(client, cloud, say) {
  const user = await login(client, cloud, 'alice', { scoped: true });
  const { folder } = user;
  const small = bytes(50_000, 3);
  const big = bytes(bigSize, 5);

  const put = await asking(user, () => user.do('putObject', { Key: `${folder}scope/a.txt`, Body: client.body('a') }));
  equal('a put asks for', put, ['PutObject']);
  equal('the key opens', user.answers[0].data.prefixes, [`${folder}scope/a.txt`]);
  const upload = await asking(user, () => user.do('uploadFile', { Key: `${folder}scope/small.png`, ...client.file('scope.png', small) }));
  equal('a small upload asks for', upload, [client.form ? 'PostObject' : 'PutObject']);
  say(`scope: a put and a small upload (${upload}) with keys for one object`);

  const parts = await asking(user, () => user.do('uploadFile', { Key: `${folder}scope/big.bin`, ...client.file('scope.bin', big) }));
  for (const action of ['ListMultipartUploads', 'InitiateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload']) {
    equal(`12 MB asks for ${action}`, parts.includes(action), true);
  }
  say(`scope: 12 MB make ${parts.length} calls for credentials: ${parts.join(', ')}`);

  const list = await asking(user, () => user.do('getBucket', { Prefix: `${folder}scope/` }));
  equal('a listing asks for', list, ['GetBucket']);
  const read = async (name) => client.bytes((await user.do('getObject', { Key: `${folder}scope/${name}`, ...client.wholeFile })).Body);
  sameBytes('small.png', await read('small.png'), small);
  sameBytes('big.bin', await read('big.bin'), big);
  const copy = await asking(user, () => user.do('putObjectCopy', { Key: `${folder}scope/copy.png`, CopySource: user.source(`${folder}scope/small.png`) }));
  equal('a copy asks for', copy, ['GetObject+PutObject']);
  sameBytes('copy.png', await read('copy.png'), small);
  say('scope: list, download, copy');

  const one = await asking(user, () => user.do('deleteObject', { Key: `${folder}scope/copy.png` }));
  equal('a delete asks for', one, ['DeleteObject']);
  const three = ['a.txt', 'small.png', 'big.bin'].map((n) => ({ Key: `${folder}scope/${n}` }));
  const batch = await asking(user, () => user.do('deleteMultipleObject', { Objects: three }));
  equal('a batch asks for', batch, ['DeleteObject+DeleteObject+DeleteObject']);
  equal('left over', (await user.do('getBucket', { Prefix: `${folder}scope/` })).Contents, []);
  const many = Array.from({ length: 1000 }, (_, i) => ({ Key: `${folder}scope/many/${i}.jpg` }));
  const thousand = await user.do('deleteMultipleObject', { Objects: many });
  equal('a batch of 1,000 deletes', [thousand.Error ?? [], thousand.Deleted.length], [[], 1000]);
  equal('and opens', user.answers.at(-1).data.prefixes, [`${folder}scope/many/*`]);
  say('scope: delete, a batch of 3, a batch of 1,000');

  await beyond(client, cloud, user, say);
}

/** The function refuses what lies next door, and a key for one object opens no other. */
async function beyond(client, cloud, user, say) {
  const there = 'users/alice2/';
  const attempts = [
    ['putObject', { Key: `${there}x.txt`, Body: client.body('x') }],
    ['uploadFile', { Key: `${there}x.bin`, ...client.file('x.bin', bytes(2 << 20)) }],
    ['getObject', { Key: `${there}note.txt` }],
    ['deleteObject', { Key: `${there}note.txt` }],
    ['getBucket', { Prefix: there }],
    ['getBucket', { Prefix: 'users/alice' }],
    ['putObjectCopy', { Key: `${user.folder}x.txt`, CopySource: user.source(`${there}note.txt`) }],
    ['deleteMultipleObject', { Objects: [{ Key: `${user.folder}a` }, { Key: `${there}a` }] }],
  ];
  for (const [method, params] of attempts) {
    user.answers.length = 0;
    const { status } = saying(await failed(`scope next door: ${method}`, user.do(method, params)));
    equal(`${method}: COS was asked`, status, 0);
    equal(`${method}: the function says`, user.answers.filter((a) => a.status).map((a) => [a.status, a.data.codeDesc]), [[403, 'ScopeNotAllowed']]);
  }

  // Without a prefix a listing means one's own folder: the function gives a key for that, and COS holds the SDK to it.
  user.answers.length = 0;
  await refused('a listing without a prefix', user.do('getBucket', {}));
  equal('its key opens', user.answers[0].data.prefixes, [`${user.folder}*`]);

  // The same key with an SDK that believes it to be good for everything.
  await user.do('putObject', { Key: `${user.folder}one.txt`, Body: client.body('1') });
  const { data } = user.answers.at(-1);
  const cos = client.open({ host: cloud.cosHost, authorize: (_, callback) => callback(toSDK(data)) });
  const at = { Bucket: cloud.bucket, Region: cloud.region };
  await call(cos, 'putObject', { ...at, Key: `${user.folder}one.txt`, Body: client.body('2') });
  for (const [method, params] of [
    ['putObject', { Key: `${user.folder}one.txt2`, Body: client.body('x') }],
    ['getObject', { Key: `${user.folder}one.txt` }],
    ['deleteObject', { Key: `${user.folder}one.txt` }],
    ['getBucket', { Prefix: user.folder }],
  ]) {
    await refused(`a key to put one object: ${method}`, call(cos, method, { ...at, ...params }));
  }
  await user.do('deleteObject', { Key: `${user.folder}one.txt` });
  say(`scope: the function refuses ${attempts.length} calls next door; a key for one put does nothing else`);
}
