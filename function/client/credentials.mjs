// The client of cos-credentials, for pages, Mini Programs, uni-app and Node: it asks the function for a temporary key,
// keeps it while it is good and its user is the same, and hands it to the COS SDKs. README.md shows how to use it.
import { scalarMultBase } from '@stablelib/x25519';
import { ascii, open } from './hpke.mjs';

const sealInfo = ascii('cos-credentials sealed answer 1');
const [loginLimit, uploadLimit] = [300e3, 600e3]; // ms: a person may be typing; a file may be large
const wholeGrant = '{}'; // the question that narrows nothing

/** Every failure. Where the function answered with an error, codeDesc, code, message and requestId are its own. */
export class CredentialsError extends Error {
  constructor(codeDesc, message, more) {
    super(message);
    Object.assign(this, { name: 'CredentialsError', codeDesc, code: 0, status: 0, requestId: '' }, more);
  }
}

/** A client for one front end. credentials.d.ts says what each option and each function is. */
export function createClient({ url, token, relogin, grant, pick, storage, seal = true, timeout = 15e3,
  fetch = systemFetch(), request = fetch ? undefined : platform().request, uploadFile = platform().uploadFile,
  randomBytes = systemRandom }) {
  if (!fetch && !request) throw new CredentialsError('NoTransport', 'Nothing can send here: hand in fetch or request.');
  const base = url.replace(/\/(credentials|sts)?\/*$/, '');
  const place = `cos-credentials ${base} ${grant || ''} ${pick || ''}`; // of the key in the storage
  const kept = new Map(); // keys, by question
  const flights = new Map(); // what is under way: whoever wants the same waits for it
  let keptFor; // whose keys are kept
  let pair; // of X25519: one for this page, and nowhere but in memory
  let lastError; // of getAuthorization

  async function keyFor(question) {
    const [owner, name] = [ownerOf(await login()), JSON.stringify(question)];
    return recall(name, owner) || once(`${owner} ${name}`, async () => {
      const asked = Date.now();
      const { answer, owner: holder } = await ask('credentials', question);
      keep(name, { answer, asked, good: goodFor(answer, asked), owner: holder });
      return answer;
    });
  }

  function recall(name, owner) {
    const key = kept.get(name) || (name === wholeGrant && parsed(attempt(() => storage.getItem(place)))) || {};
    if (owner !== (key.owner || keptFor)) forget(owner);
    const age = Date.now() - key.asked;
    const good = key.owner === owner && age >= 0 && age < key.good && complete.credentials(Object(key.answer));
    return good ? key.answer : undefined;
  }

  function keep(name, key) {
    if (key.owner !== keptFor || kept.size >= 100) forget(key.owner);
    kept.set(name, key);
    if (name === wholeGrant) attempt(() => storage.setItem(place, JSON.stringify(key)));
  }

  function forget(next) {
    kept.clear();
    keptFor = next;
    attempt(() => storage.removeItem(place));
  }

  function once(name, start) {
    const over = () => flights.delete(name);
    if (!flights.has(name)) flights.set(name, start());
    flights.get(name).then(over, over);
    return flights.get(name);
  }

  async function login() {
    const current = await limited(timeout, 'The function token', () => token());
    if (current) return String(current);
    forget();
    throw new CredentialsError('TokenMissing', 'Nobody is logged in: log in first.');
  }

  /** The answer to a question, and whose it is. Asks again once after a new login, and once if told to in 30 s. */
  async function ask(resource, question) {
    let [mayLogIn, mayWait] = [Boolean(relogin), true];
    for (;;) {
      try {
        const current = await login();
        const [answer, owner] = [await call(resource, question, current), ownerOf(current)];
        if (ownerOf(await login()) === owner) return { answer, owner };
        throw new CredentialsError('UserChanged', 'The user changed before the answer came: ask again.');
      } catch (error) {
        if (mayLogIn && error.status === 401) {
          mayLogIn = false;
          await once('relogin', () => limited(loginLimit, 'The function relogin', () => relogin(error)));
        } else if (mayWait && error.retryAfter <= 30) {
          mayWait = false;
          await new Promise((done) => setTimeout(done, error.retryAfter * 1000));
        } else throw error;
      }
    }
  }

  async function call(resource, question, current) {
    const { secret, sealTo } = seal ? await keyPair() : {};
    const to = `${base}/${resource}${seal ? `?sealTo=${sealTo}` : ''}`;
    const header = { Authorization: `Bearer ${current}`, 'Content-Type': 'application/json' };
    const data = JSON.stringify({ grant, pick, ...question });
    const answer = await limited(timeout, 'The function', (signal) => (request
      ? byTask(request, to, { method: 'POST', header, data, dataType: 'text', redirect: 'manual', timeout })
      : byFetch(fetch, to, { method: 'POST', headers: header, body: data, signal })));
    const said = parsed(answer.text);
    if (answer.status !== 200) throw refusal(answer, said);
    const opened = seal && said.sealed ? unsealed(said, secret) : said;
    const error = (name, message) => new CredentialsError(name, message, { requestId: said.requestId });
    if (!complete[resource](opened)) throw error('BadAnswer', 'This is no answer of the function: is it its address?');
    if (seal && opened === said) throw error('NotSealed', 'The answer is not sealed, so not used: update the function.');
    return opened;
  }

  async function keyPair() {
    const random = () => limited(timeout, 'The source of random bytes', () => randomBytes(32)).catch(() => []);
    pair = pair || await once('pair', () => random().then(pairFrom));
    return pair;
  }

  /** What the SDKs call for a key. It always calls back: without that an upload would hang for ever. */
  const authorization = (questionOf, ScopeLimit) => (options, callback) => {
    Promise.resolve(options).then(questionOf).then(keyFor).then(({ credentials: key, startTime, expiredTime }) => {
      const forSDK = { TmpSecretId: key.tmpSecretId, TmpSecretKey: key.tmpSecretKey, ScopeLimit,
        SecurityToken: key.sessionToken, StartTime: startTime, ExpiredTime: expiredTime };
      callback(forSDK);
      forSDK.ExpiredTime = 0; // SDKs keep this object, by their own clock, for any user: so they ask each time instead
    }, (error) => {
      lastError = error;
      callback('');
    });
  };

  return {
    get: async () => ({ headers: {}, ...await keyFor({}) }),
    forget: () => forget(),
    getAuthorization: authorization(() => ({}), false),
    getScopedAuthorization: authorization(({ Scope }) => ({ scope: Scope || [] }), true),
    explain: (error) => (lastError && /getAuthorization callback/.test(Object(error).message) ? lastError : error),
    links: async (keys, more) => (await ask('links', { keys, ...more })).answer,
    form: async (filename, more) => (await ask('post-policy', { filename, ...more })).answer,
    async upload(form, file, protocol = 'https:') {
      const to = `${protocol}//${form.cosHost}/`;
      const { status, text } = await limited(uploadLimit, 'COS', (signal) => (typeof file === 'string'
        ? byTask(uploadFile, to, { filePath: file, name: 'file', formData: form.fields, timeout: uploadLimit })
        : byFetch(fetch, to, { method: 'POST', body: formData(form.fields, file), signal })));
      if (status >= 200 && status < 300) return form.key;
      const said = (name) => (new RegExp(`<${name}>([^<]*)<`).exec(text) || ['', ''])[1];
      const message = `COS refused the upload (HTTP ${status}). ${said('Message')}`;
      throw new CredentialsError(said('Code') || 'UploadFailed', message, { status, requestId: said('RequestId') });
    },
  };
}

/** Whose token it is: its claims but those that each renewal changes. Another user or another right has other keys. */
function ownerOf(token) {
  try {
    const claims = JSON.parse(utf8(fromBase64url(token.split('.')[1])));
    for (const name of ['exp', 'iat', 'nbf', 'jti']) delete claims[name];
    return JSON.stringify(claims);
  } catch (error) {
    return token; // it is no JWT
  }
}

/** For how many ms a key is handed out: until two minutes before its end, or for half of what is left. startTime lies
 * 60 s before the issue. A clock by which the key isn't valid now is wrong; half of its life is surely left then. */
function goodFor({ startTime, expiredTime }, asked) {
  const [now, life] = [asked / 1000, expiredTime - startTime - 60];
  const left = startTime <= now && now < expiredTime ? Math.min(life, expiredTime - now) : life / 2;
  return Math.max(left - 120, left / 2) * 1000;
}

const complete = { // what an answer must hold to be one
  credentials: ({ credentials: key, startTime, expiredTime, bucket, region }) =>
    key && key.tmpSecretId && key.tmpSecretKey && key.sessionToken && startTime < expiredTime && bucket && region,
  links: ({ links }) => Array.isArray(links),
  'post-policy': ({ cosHost, key, fields }) => cosHost && key && fields,
};

/** The answer inside a sealed one. */
function unsealed({ sealed, requestId }, secret) {
  try {
    return Object(JSON.parse(utf8(open(secret, fromBase64url(sealed), sealInfo))));
  } catch ({ message }) {
    throw new CredentialsError('NotOpened', `The sealed answer can't be opened: ${message}.`, { requestId });
  }
}

function refusal({ status, header }, { code, codeDesc, message, requestId }) {
  const more = { status, retryAfter: parseInt(header('Retry-After'), 10) || undefined };
  if (code && codeDesc && message) return new CredentialsError(codeDesc, message, { code, requestId, ...more });
  return new CredentialsError('BadAnswer', `HTTP ${status}, not in the function's words: is it its address?`, more);
}

/** What work promises, or an error if that takes longer; work gets the signal of that. */
const limited = (ms, who, work) => new Promise((resolve, reject) => {
  const control = typeof AbortController === 'function' ? new AbortController() : { abort() {} };
  const timer = setTimeout(() => {
    reject(new CredentialsError('Timeout', `${who} took longer than ${ms / 1000} s.`));
    control.abort();
  }, ms);
  const end = (settle) => (value) => { clearTimeout(timer); settle(value); };
  Promise.resolve(control.signal).then(work).then(end(resolve), end(reject));
});

const unreachable = (url, why) => new CredentialsError('NetworkError', `${url.split('?')[0]} can't be reached: `
  + `the network, CORS (ALLOW_ORIGINS, the bucket's rules), a redirect, or a Mini Program's list of domains. ${why}`);

/** Follows no redirect, which would take the token elsewhere. */
const byFetch = (fetch, url, options) => fetch(url, { redirect: 'error', credentials: 'omit', ...options })
  .then(async (got) => ({ status: got.status, text: await got.text(), header: (name) => got.headers.get(name) }))
  .catch((error) => { throw unreachable(url, error.message); });

/** wx.request, wx.uploadFile, and uni-app's: they call success whatever the status is. */
const byTask = (api, url, options) => new Promise((resolve, reject) => {
  const fail = ({ errMsg }) => reject(unreachable(url, errMsg));
  const success = ({ statusCode: status, header = {}, data: text }) =>
    resolve({ status, text, header: (name) => header[name] || header[name.toLowerCase()] });
  api({ url, success, fail, ...options });
});

function formData(fields, file) {
  const data = new FormData();
  Object.keys(fields).forEach((name) => data.append(name, fields[name]));
  data.append('file', file); // last: COS ignores what comes after it
  return data;
}

// What there is by itself; up there these names are options.
const systemFetch = () => (typeof fetch === 'function' ? (...all) => fetch(...all) : undefined);
const platform = () => (typeof wx === 'object' && wx.request ? wx : typeof uni === 'object' ? uni : {});
const systemRandom = (length) => new Promise((done, fail) => {
  if (typeof crypto === 'object' && crypto.getRandomValues) done(crypto.getRandomValues(new Uint8Array(length)));
  else if (!platform().getRandomValues) done([]);
  else platform().getRandomValues({ length, success: ({ randomValues }) => done(randomValues), fail });
});

function pairFrom(random) {
  const secret = new Uint8Array(random);
  const good = secret.length === 32 && secret.some((byte) => byte !== secret[0]);
  if (good) return { secret, sealTo: toBase64url(scalarMultBase(secret)) };
  throw new CredentialsError('NoRandomness', 'Nothing can be sealed without random bytes: hand in randomBytes.');
}

const attempt = (work) => { try { return work(); } catch (error) { return undefined; } };
const parsed = (text) => attempt(() => Object(typeof text === 'string' ? JSON.parse(text) : text)) || {};
const utf8 = (bytes) => decodeURIComponent(Array.from(bytes, (b) => `%${(b + 256).toString(16).slice(1)}`).join(''));
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const toBase64url = (bytes) => regroup(bytes, 8, 6).map((value) => alphabet[value]).join('');

function fromBase64url(text) {
  const bytes = Uint8Array.from(regroup(Array.from(text, (character) => alphabet.indexOf(character)), 6, 8));
  if (toBase64url(bytes) !== text) throw new Error('it is not base64url');
  return bytes;
}

/** Regroups numbers of so many bits: bytes into base64's digits, filled up with zeros, and back. */
function regroup(numbers, from, to) {
  const out = [];
  let [held, bits] = [0, 0];
  for (const number of numbers) {
    [held, bits] = [((held << from) | number) & 0x3fff, bits + from];
    for (; bits >= to; bits -= to) out.push((held >> (bits - to)) & ((1 << to) - 1));
  }
  return bits && to < from ? out.concat((held << (to - bits)) & ((1 << to) - 1)) : out;
}
