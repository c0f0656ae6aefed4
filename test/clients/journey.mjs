// The whole way of an application with one key for its folder: log in, upload, list, read, copy, delete; be refused next
// door, with an expired key and with tampered tokens; and outlive a key in the middle of an upload.
//
// A client is an SDK in its surroundings:
//   createClient, transport            function/client there, and how it sends: byFetch or byRequest
//   link(url)                          the bytes behind a link
//   moveClock(seconds)                 sets its clock ahead
//   open({host, authorize, …options})  a COS object
//   file(name, bytes)                  what uploadFile takes: {FilePath} or {Body}
//   wholeFile                          getObject's options for bytes
//   bytes(Body)                        getObject's Body as Uint8Array
//   form                               whether a small uploadFile is a form upload
import { bytes, call, equal, failed, refused, sameBytes, saying } from './check.mjs';
import { frontEnd, logIn, toSDK } from './front.mjs';
import { sealing } from './sealing.mjs';

const MB = 1 << 20;
export const bigSize = 12 * MB + 345;

export async function journey(client, cloud, say) {
  const alice = await login(client, cloud, 'alice');
  const neighbour = await login(client, cloud, 'alice2');
  const theirs = await own(alice, say);
  await own(neighbour, () => {});
  await nextDoor(alice, neighbour, say);
  await nextDoor(neighbour, alice, say);
  await expired(client, cloud, alice, say);
  await tampered(client, cloud, alice, say);
  await chosen(client, cloud, alice, say);
  await sealing(client, cloud, alice, say);
  await refreshed(client, cloud, say);
  for (const user of [alice, neighbour]) await clear(user, theirs, say);
}

/** A logged-in user with an SDK that asks the function for keys. `answers` is what it answered. */
export async function login(client, cloud, name, { host = cloud.cosHost, scoped, claims, change = (token) => token, ...options } = {}) {
  const answers = [];
  const user = { token: change(await logIn(cloud, name, claims)) };
  const { api, ask } = frontEnd(client, cloud, () => user.token, answers, options);
  const cos = client.open({ host, authorize: scoped ? api.getScopedAuthorization : api.getAuthorization });
  const at = { Bucket: cloud.bucket, Region: cloud.region };
  return Object.assign(user, {
    name, client, answers, api, ask, cos, folder: `users/${name}/`, host,
    do: (method, params) => call(cos, method, { ...at, ...params }),
    source: (key) => `${cloud.bucket}.cos.${cloud.region}.myqcloud.com/${key.split('/').map(encodeURIComponent).join('/')}`,
  });
}

/** Everything that one may do at home. Returns the names of the objects that stay. */
async function own(user, say) {
  const { client, folder } = user;
  const text = `${user.name}'s words: grüße, 你好`;
  const odd = 'a b+c&d=e%20 (1)\'!*~ü 你好.txt';
  for (const name of ['note.txt', odd]) {
    const { ETag } = await user.do('putObject', { Key: folder + name, Body: client.body(text), ContentType: 'text/plain' });
    if (!/^"[0-9a-f]{32}"$/.test(ETag)) throw new Error(`ETag of a small upload: ${ETag}`);
  }
  const prefix = user.answers.at(-1).data.prefix;
  equal('prefix of the answer', prefix, folder);
  say(`put two small objects, one with an odd name`);

  const small = bytes(64_321, 7);
  await user.do('uploadFile', { Key: `${folder}photos/small.png`, ...client.file('small.png', small) });
  if (client.form) {
    await user.do('postObject', { Key: `${folder}photos/form.png`, ...client.file('form.png', small), ContentType: 'image/png' });
  }
  say(`uploadFile of 64 KB: ${client.form ? 'forms' : 'a put'}`);

  const big = bytes(bigSize, 11);
  const progress = [];
  const done = await user.do('uploadFile', { Key: `${folder}big.bin`, ...client.file('big.bin', big), onProgress: (p) => progress.push(p.percent) });
  if (!/^"[0-9a-f]{32}-13"$/.test(done.ETag)) throw new Error(`ETag of 13 parts: ${done.ETag}`);
  equal('last progress', progress.at(-1), 1);
  say(`uploadFile of 12 MB: 13 parts`);

  const photos = client.form ? ['photos/form.png', 'photos/small.png'] : ['photos/small.png'];
  const names = [odd, 'big.bin', 'note.txt', ...photos];
  const listed = await user.do('getBucket', { Prefix: folder });
  equal('list', listed.Contents.map((o) => o.Key), names.map((n) => folder + n));
  equal('sizes', listed.Contents.filter((o) => /big|small/.test(o.Key)).map((o) => Number(o.Size)), [big.length, small.length]);
  const level = await user.do('getBucket', { Prefix: folder, Delimiter: '/' });
  equal('folders', level.CommonPrefixes.map((p) => p.Prefix), [`${folder}photos/`]);
  const page = await user.do('getBucket', { Prefix: folder, MaxKeys: 2 });
  const rest = await user.do('getBucket', { Prefix: folder, Marker: page.NextMarker });
  equal('pages', [...page.Contents, ...rest.Contents].map((o) => o.Key), names.map((n) => folder + n));
  say(`list: all, by folder, by page`);

  const read = async (name, options) => client.bytes((await user.do('getObject', { Key: folder + name, ...client.wholeFile, ...options })).Body);
  const note = new TextEncoder().encode(text);
  for (const name of ['note.txt', odd]) sameBytes(name, await read(name), note);
  for (const name of photos) sameBytes(name, await read(name), small);
  sameBytes('big.bin', await read('big.bin'), big);
  sameBytes('range', await read('big.bin', { Headers: { Range: 'bytes=1048570-1048590' } }), big.slice(1048570, 1048591));
  const { headers } = await user.do('headObject', { Key: `${folder}big.bin` });
  equal('content-length of head', Number(headers['content-length']), big.length);
  const { Url } = await user.do('getObjectUrl', { Key: `${folder}photos/small.png` });
  const fetched = await fetch(local(Url, user.host));
  equal('signed address', fetched.status, 200);
  sameBytes('signed address', new Uint8Array(await fetched.arrayBuffer()), small);
  const { links } = await user.api.links(['note.txt', ...photos].map((name) => folder + name), { process: 'imageMogr2/thumbnail/200x' });
  sameBytes('link', await client.link(links[0].url), note);
  for (const { url } of links.slice(1)) sameBytes('link', await client.link(url), small);
  say(`download: equal bytes, a range, a signed address, ${links.length} links`);

  await user.do('putObjectCopy', { Key: `${folder}copy.png`, CopySource: user.source(`${folder}photos/small.png`) });
  sameBytes('copy', await read('copy.png'), small);
  await user.do('deleteObject', { Key: `${folder}copy.png` });
  const gone = saying(await failed('get of a deleted object', user.do('getObject', { Key: `${folder}copy.png` })));
  equal('deleted', [gone.status, gone.code], [404, 'NoSuchKey']);
  say(`copy, delete`);
  return names;
}

/** The wx SDK writes https: whatever the domain says, so a signed address is brought back to this machine's http. */
const local = (url, host) => url.replace(/^https?:\/\/(http:\/\/)?[^/]+/, `http://${host}`);

/** In the neighbour's folder nothing works, not even looking; and the neighbour's objects are as they were. */
async function nextDoor(user, neighbour, say) {
  const { client } = user;
  const there = neighbour.folder;
  const mine = new TextEncoder().encode(`${neighbour.name}'s words: grüße, 你好`);
  const attempts = {
    'put over theirs': () => user.do('putObject', { Key: `${there}note.txt`, Body: client.body('defaced') }),
    'put beside theirs': () => user.do('putObject', { Key: `${there}planted.txt`, Body: client.body('planted') }),
    'uploadFile, small': () => user.do('uploadFile', { Key: `${there}small.bin`, ...client.file('s.bin', bytes(1000)) }),
    'uploadFile, in parts': () => user.do('uploadFile', { Key: `${there}big.bin`, ...client.file('b.bin', bytes(2 * MB)) }),
    get: () => user.do('getObject', { Key: `${there}note.txt` }),
    'get by signed address': async () => {
      const { Url } = await user.do('getObjectUrl', { Key: `${there}note.txt` });
      const answer = await fetch(local(Url, user.host));
      const code = /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1];
      if (!answer.ok) throw { statusCode: answer.status, error: { Code: code } };
    },
    'list theirs': () => user.do('getBucket', { Prefix: there }),
    'list everyone': () => user.do('getBucket', {}),
    'list all users': () => user.do('getBucket', { Prefix: 'users/' }),
    'list what begins like a name': () => user.do('getBucket', { Prefix: 'users/alice' }),
    'list uploads': () => user.do('multipartList', { Prefix: there }),
    delete: () => user.do('deleteObject', { Key: `${there}note.txt` }),
    'copy from theirs': () => user.do('putObjectCopy', { Key: `${user.folder}stolen.txt`, CopySource: user.source(`${there}note.txt`) }),
    'copy over theirs': () => user.do('putObjectCopy', { Key: `${there}note.txt`, CopySource: user.source(`${user.folder}note.txt`) }),
  };
  if (client.form) attempts.form = () => user.do('postObject', { Key: `${there}note.txt`, ...client.file('f.txt', bytes(10)) });
  for (const [what, attempt] of Object.entries(attempts)) await refused(`${user.name}: ${what}`, attempt());
  const head = saying(await failed('head', user.do('headObject', { Key: `${there}note.txt` })));
  equal('head next door', head.status, 403);

  // A batch may be refused as a whole or key by key; either way nothing of theirs goes.
  const batch = await user.do('deleteMultipleObject', { Objects: [{ Key: `${there}note.txt` }] }).catch((e) => ({ Error: [e.error] }));
  equal('batch delete next door', batch.Error.map((e) => e.Code), ['AccessDenied']);

  const still = await neighbour.do('getObject', { Key: `${there}note.txt`, ...client.wholeFile });
  sameBytes(`${neighbour.name}'s object`, await client.bytes(still.Body), mine);
  say(`${user.name} is refused ${Object.keys(attempts).length + 2} times in ${neighbour.name}'s folder`);
}

/** The key that was good yesterday. Some SDKs correct their clock first, and ask again. */
async function expired(client, cloud, { name, folder }, say) {
  const late = await login(client, cloud, name, { host: cloud.cosLateHost });
  for (const [method, params] of basics(client, folder)) {
    await refused(`expired: ${method}`, late.do(method, params), { because: /expired/i });
  }
  say('an expired key is refused');
}

/** For a file's name the function chooses a key that nobody can guess, and opens that one only, to uploads only. */
async function chosen(client, cloud, alice, say) {
  const { key, bucket, region, ...data } = (await alice.ask('credentials', { filename: 'My holiday.JPG' })).data;
  if (!/^users\/alice\/.*[\w-]{20,}\.jpg$/.test(key)) throw new Error(`the key chosen is ${key}`);
  const cos = client.open({ host: cloud.cosHost, authorize: (_, callback) => callback(toSDK(data)) });
  const at = { Bucket: bucket, Region: region };
  const big = bytes(3 * MB, 19);
  await call(cos, 'uploadFile', { ...at, Key: key, ...client.file('holiday.jpg', big) });
  sameBytes(key, await client.bytes((await alice.do('getObject', { Key: key, ...client.wholeFile })).Body), big);
  for (const [method, params] of [['putObject', { Key: `${key}.html`, Body: client.body('x') }], ...basics(client, alice.folder), ['getObject', { Key: key }], ['deleteObject', { Key: key }]]) {
    await refused(`chosen key: ${method}`, call(cos, method, { ...at, ...params }));
  }
  await alice.do('deleteObject', { Key: key });
  say(`a key chosen by the function (${key.replace(/[\w-]{20,}/, '…')}): uploaded in parts; nothing else opens`);
}

const basics = (client, folder) => [
  ['putObject', { Key: `${folder}late.txt`, Body: client.body('late') }],
  ['getObject', { Key: `${folder}note.txt` }],
  ['getBucket', { Prefix: folder }],
  ['deleteObject', { Key: `${folder}note.txt` }],
];

/** A changed login gets no key, and the SDK says so instead of hanging. A changed session token opens nothing. */
async function tampered(client, cloud, { name, folder, answers }, say) {
  const liar = await login(client, cloud, name, { change: otherSubject });
  const forger = await login(client, cloud, name, { change: otherCharacter });
  for (const user of [liar, forger]) {
    for (const [method, params] of basics(client, folder)) {
      const { status, message } = saying(await failed(`tampered login: ${method}`, user.do(method, params)));
      equal('COS was asked', status, 0);
      if (!/getAuthorization callback/.test(message)) throw new Error(`tampered login: the SDK says ${message}`);
      equal('the reason', user.api.explain({ message }).codeDesc, 'TokenInvalid');
    }
    equal('answers to a tampered login', user.answers.filter((a) => a.status).map((a) => `${a.status} ${a.data.codeDesc}`), Array(4).fill('401 TokenInvalid'));
  }

  const { data } = answers.find((a) => a.data.credentials);
  for (const [part, code] of [['sessionToken', 'AccessDenied'], ['tmpSecretKey', 'SignatureDoesNotMatch']]) {
    const credentials = { ...data.credentials, [part]: otherCharacter(data.credentials[part]) };
    const cos = client.open({ host: cloud.cosHost, authorize: (_, callback) => callback(toSDK({ ...data, credentials })) });
    for (const [method, params] of basics(client, folder)) {
      await refused(`tampered ${part}: ${method}`, call(cos, method, { Bucket: cloud.bucket, Region: cloud.region, ...params }), { code });
    }
  }
  say('a tampered login gets 401 and the SDK\'s error; a tampered session token or secret key is refused by COS');
}

function otherCharacter(token) {
  const at = token.length - 12; // inside the signature, and not in its last character, whose lowest bits mean nothing
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

/** The token of somebody else, with the old signature. */
function otherSubject(token) {
  const [header, claims, signature] = token.split('.');
  const base64url = { '+': '-', '/': '_', '=': '' };
  const text = atob(claims.replaceAll('-', '+').replaceAll('_', '/')).replace('"alice"', '"alice2"');
  return [header, btoa(text).replace(/[+/=]/g, (c) => base64url[c]), signature].join('.');
}

/**
 * A login that ends in 60 s gives a key of 60 s, of which the client uses 30. In the middle of an upload, which the COS
 * draws out, the login is renewed and the clock is 40 s later.
 */
async function refreshed(client, cloud, say) {
  const user = await login(client, cloud, 'alice', { claims: { exp: Math.floor(Date.now() / 1000) + 60 } });
  const later = await logIn(cloud, 'alice');
  const big = bytes(bigSize, 13);
  const Key = `${user.folder}slow.bin`;
  let clock;
  const onProgress = ({ percent }) => {
    if (percent < 0.2 || clock) return;
    user.token = later;
    clock = client.moveClock(40);
  };
  await user.do('uploadFile', { Key, ...client.file('slow.bin', big), onProgress });
  const keys = new Set(user.answers.map((a) => a.data.credentials.tmpSecretId));
  equal('keys used', keys.size, 2);
  sameBytes('slow.bin', await client.bytes((await user.do('getObject', { Key, ...client.wholeFile })).Body), big);
  await user.do('deleteObject', { Key });
  clock.back();
  say(`the key ran out during 12 MB: ${user.answers.length} calls for credentials, ${keys.size} keys, equal bytes`);
}

/** Moves a realm's clock, so that its Date is ahead by so many seconds, until it is put back. */
export function moveClock(realm, seconds) {
  const { now } = realm.Date;
  realm.Date.now = () => now() + seconds * 1000;
  return { back: () => { realm.Date.now = now; } };
}

/** Leaves nothing behind, by a batch. */
async function clear(user, names, say) {
  const result = await user.do('deleteMultipleObject', { Objects: names.map((n) => ({ Key: user.folder + n })) });
  equal('errors of a batch delete', result.Error ?? [], []);
  equal('left over', (await user.do('getBucket', { Prefix: user.folder })).Contents, []);
  say(`${user.name} deletes ${names.length} objects at once; nothing is left`);
}
