// What can go wrong between a front end and the function. Each case: its name; how it ends, which is a codeDesc (or an
// error's name), or `key`; how many requests the function gets; and:
//   faults    what the function does, request after request; after the last of them it is good
//   options   of the client
//   hangs     the client's limit is a second instead of 15
//   error     more members of the error
//   relogins  how often `relogin` is called
import { refuse, sealed, send } from './function.mjs';

const never = () => new Promise(() => {});
const json = (response, value) => send(response, 200, JSON.stringify(value));
const text = (body) => (response) => send(response, 200, body);
const html = (status) => (response) =>
  send(response, status, '<html>Bad gateway</html>', { 'Content-Type': 'text/html' });
const expired = refuse(401, 40102, 'TokenExpired');
const busy = (headers) => refuse(503, 50301, 'StsBusy', headers);
const tooMany = (seconds) => refuse(429, 42900, 'TooManyRequests', { 'Retry-After': seconds });
const relogin = () => {};
const random = (randomBytes) => ({ options: { randomBytes } });
const blocked = () => {
  throw new Error('blocked');
};

/** The first half of a body; what comes then is up to `end`. */
const half =
  (end) =>
  (response, { body }) => {
    response.writeHead(200, { 'Content-Length': body.length });
    response.write(body.slice(0, body.length / 2));
    if (end) setTimeout(end, 20, response);
  };

/** A sealed answer with one bit changed. */
const flipped =
  (at) =>
  (response, { body }) => {
    const bytes = Buffer.from(JSON.parse(body).sealed, 'base64url');
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    json(response, { sealed: bytes.toString('base64url'), requestId: 'r-1' });
  };

/** A right seal, with the padding that it must not have. */
function padded(response, { request, answer }) {
  let seal = '.';
  for (; seal.length % 4 !== 0; answer.requestId += '.') seal = sealed(request, answer).sealed;
  json(response, { sealed: `${seal}=` });
}

const otherKey = { sealTo: 'CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' };
const withoutKey = (response, { request }) => json(response, sealed(request, { requestId: 'r-1' }));
const withoutToken = (response, { request, answer }) =>
  json(response, sealed(request, { ...answer, credentials: { ...answer.credentials, sessionToken: '' } }));

export const cases = [
  ['it hangs', 'Timeout', 1, { hangs: true, faults: [never] }],
  ['it hangs in the middle of its answer', 'Timeout', 1, { hangs: true, faults: [half()] }],
  ['the connection ends in the middle', 'NetworkError', 1, { faults: [half((response) => response.destroy())] }],
  ['the connection is reset', 'NetworkError', 1, { faults: [(response) => response.socket.resetAndDestroy()] }],
  ['nobody listens', 'NetworkError', 0, { down: true }],

  ["a gateway's HTML with 502", 'BadAnswer', 1, { faults: [html(502)], error: { status: 502 } }],
  ['HTML with 200', 'BadAnswer', 1, { faults: [html(200)] }],
  ['an empty answer', 'BadAnswer', 1, { faults: [text('')] }],
  ['a list', 'BadAnswer', 1, { faults: [text('[1]')] }],
  ['null', 'BadAnswer', 1, { faults: [text('null')] }],
  ['half of the JSON', 'BadAnswer', 1, { faults: [(r, { body }) => send(r, 200, body.slice(0, 200))] }],
  ['sealed, but no key in it', 'BadAnswer', 1, { faults: [withoutKey] }],
  ['a key without its session token', 'BadAnswer', 1, { faults: [withoutToken] }],

  ['an answer in clear', 'NotSealed', 1, { plain: true, error: { requestId: 'r-1' } }],
  ['an answer in clear, as asked', 'key', 1, { options: { seal: false } }],
  ['sealed to another key', 'NotOpened', 1, { faults: [(r, { answer }) => json(r, sealed(otherKey, answer))] }],
  ['one bit of enc changed', 'NotOpened', 1, { faults: [flipped(3)], error: { requestId: 'r-1' } }],
  ['one bit of the ciphertext changed', 'NotOpened', 1, { faults: [flipped(60)] }],
  ['one bit of the tag changed', 'NotOpened', 1, { faults: [flipped(-1)] }],
  ['a seal that is no base64url', 'NotOpened', 1, { faults: [text('{"sealed":"dT2k*vdF"}')] }],
  ['a seal with padding', 'NotOpened', 1, { faults: [padded] }],
  ['a seal that is no text', 'NotOpened', 1, { faults: [text('{"sealed":{"a":1}}')] }],

  ['another login was needed', 'key', 2, { faults: [expired], options: { relogin }, relogins: 1 }],
  ['another login does not help', 'TokenExpired', 2, { faults: [expired, expired], options: { relogin }, relogins: 1 }],
  ['there is no other login', 'TokenExpired', 1, { faults: [expired], error: { status: 401, code: 40102 } }],
  ['another login fails', 'Error', 1, { faults: [expired], options: { relogin: blocked }, relogins: 1 }],
  ['nobody is logged in', 'TokenMissing', 0, { options: { token: () => '' } }],
  ['the token is not to be had', 'Error', 0, { options: { token: blocked } }],
  ['the token never comes', 'Timeout', 0, { hangs: true, options: { token: never } }],

  ['no right to it', 'NotEntitled', 1, { faults: [refuse(403, 40300, 'NotEntitled')], error: { code: 40300 } }],
  ['a configuration that is wrong', 'Misconfigured', 1, { faults: [refuse(500, 50000, 'Misconfigured')] }],
  ['too many requests', 'key', 2, { faults: [tooMany(1)] }],
  ['too many, for an hour', 'TooManyRequests', 1, { faults: [tooMany(3600)], error: { retryAfter: 3600 } }],
  ['busy twice', 'StsBusy', 2, { faults: [busy({ 'Retry-After': 1 }), busy({ 'Retry-After': 1 })] }],
  ['busy, nobody says how long', 'StsBusy', 1, { faults: [busy()] }],
  ['busy until a date', 'StsBusy', 1, { faults: [busy({ 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' })] }],
  [
    'busy, then expired',
    'key',
    3,
    { faults: [busy({ 'Retry-After': 1 }), expired], options: { relogin }, relogins: 1 },
  ],

  ['no random bytes', 'NoRandomness', 0, random(() => [])],
  ['random bytes that are zeros', 'NoRandomness', 0, random((length) => new Uint8Array(length))],
  ['too few random bytes', 'NoRandomness', 0, random(() => new Uint8Array([1, 2, 3]))],
  ['a number for random bytes', 'NoRandomness', 0, random(() => 32)],
  ['random bytes that fail', 'NoRandomness', 0, random(() => Promise.reject({ errMsg: 'getRandomValues:fail' }))],
  ['random bytes that never come', 'NoRandomness', 0, { hangs: true, ...random(never) }],
  ['no random bytes, and nothing to seal', 'key', 1, { options: { randomBytes: () => [], seal: false } }],

  [
    'a storage that throws',
    'key',
    1,
    { options: { storage: { getItem: blocked, setItem: blocked, removeItem: blocked } } },
  ],
  ['rubbish in the storage', 'key', 1, { options: { storage: { getItem: () => '{', setItem() {}, removeItem() {} } } }],
];
