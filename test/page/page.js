'use strict';
// The page of the local cloud does what a front end of yours would do: it logs in, and has the client of function/client
// ask for keys, for cos-js-sdk-v5, and for links. Names of users and files are text and never HTML: nothing here writes markup.

const people = ['alice', 'bob', 'carol'];
const pictures = /\.(avif|bmp|gif|ico|jpe?g|png|svg|webp)$/i;
const spare = 60; // seconds: a key with less left is shown to end
const failures = [['', 'works'], ['403', '403'], ['429', '429'], ['503', '503'], ['hang', 'hangs']]; // as /fail calls them
const $ = (id) => document.getElementById(id);
const now = () => Date.now() / 1000;

let config; // config.json: where everything is
let createClient; // of the client
let session; // of the user who is logged in: { user, token, client, key, cos, … }

// stamp copies a template's element, and gives the parts of it by their class or tag.
function stamp(id) {
  const item = $(id).content.firstElementChild.cloneNode(true);
  return { item, part: (selector) => item.querySelector(selector) };
}

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function notice(text) {
  $('notice-text').textContent = text;
  $('notice').hidden = !text;
}

const announce = (text) => { $('announce').textContent = text; };
const bytes = (n) => n < 1e3 ? `${n} bytes` : n < 1e6 ? `${(n / 1e3).toFixed(n < 1e4 ? 1 : 0)} KB` : `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)} MB`;

// ---- The login, and the key that the function gives for it

async function logIn(user, claims) {
  const answer = await send('login', { user, claims }, 'The login');
  await begin(user, answer.token);
  sessionStorage.setItem('user', user); // a name is no secret; the token is kept in memory only
}

async function begin(user, token) {
  const mine = { user, token, renewals: 0 };
  mine.client = createClient({ url: config.credentials, token: () => mine.token, fetch: seen(mine) });
  mine.cos = new COS({
    Domain: config.cosHost, Protocol: 'http:',
    getAuthorization: (options, callback) => mine.client.getAuthorization(options, (key) => {
      callback(key);
      if (key) currentKey(mine).catch(() => {}); // the client has it, so this is no call
    }),
  });
  await currentKey(mine); // whoever gets no key isn't shown a desk
  session = mine;
  $('whoami').textContent = user;
  $('avatar').textContent = [...user][0];
  $('neighbour').value = neighbour(mine);
  notice('');
  show();
  showKey();
  await list();
}

// seen is fetch, and keeps what the function answered, for people to look at.
const seen = (mine) => async (url, options) => {
  const answer = await fetch(url, options);
  const text = await answer.clone().text();
  if (answer.ok && new URL(url).pathname === new URL(config.credentials).pathname) mine.sealed = text;
  return answer;
};

// currentKey is the client's key; a new one is shown.
async function currentKey(mine) {
  const key = await mine.client.get();
  if (mine.key?.credentials.tmpSecretId === key.credentials.tmpSecretId) return;
  if (mine.key) mine.renewals++;
  mine.key = key;
  if (session === mine) { showKey(); list(); } // the gallery's links were signed with the old one
}

// reach fetches JSON, and says in words what went wrong.
async function reach(url, options, who) {
  const answer = await fetch(url, options).catch(() => { throw new Error(`${who} can't be reached at ${url}. Is serve still running?`); });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw new Error(`${who} said ${answer.status}: ${body.message ?? 'nothing more'}`);
}

const send = (path, body, who) =>
  reach(new URL(path, location), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }, who);

// words are those of a client's error, which are the function's own where it has spoken.
function words({ codeDesc, status, message, requestId }) {
  if (codeDesc === 'NetworkError') return `The function can't be reached at ${config.credentials}. Is serve still running?`;
  const ended = codeDesc === 'TokenExpired' ? 'Your login has ended: log out and in again. ' : '';
  return `${ended}${status ? `${status} ` : ''}${codeDesc}: ${message}${requestId ? ` (request ${requestId})` : ''}`;
}

function logOut() {
  session.client.forget();
  for (const row of $('uploads').children) row.cancel?.();
  session = undefined;
  sessionStorage.removeItem('user');
  for (const id of ['uploads', 'gallery']) $(id).replaceChildren();
  $('verdict').hidden = $('asked').hidden = true;
  notice('');
  show();
  (config.canLogIn ? $('user') : $('token')).focus();
}

function show() {
  $('welcome').hidden = Boolean(session);
  $('desk').hidden = $('who').hidden = !session;
  $('uploads-part').hidden = $('uploads').children.length === 0;
}

function showKey() {
  const { key, renewals } = session;
  $('folder').textContent = key.prefixes.join(', ');
  $('bucket').textContent = key.bucket;
  const until = new Date(key.expiredTime * 1000);
  $('until').textContent = until.toLocaleTimeString();
  $('until').dateTime = until.toISOString();
  $('answer-sealed').textContent = shortened(JSON.parse(session.sealed));
  $('answer-opened').textContent = shortened(key);
  $('renewal').textContent = renewals === 0 ? 'A new one is asked for before it ends.' : `Renewed ${renewals === 1 ? 'once' : `${renewals} times`} so far.`;
  session.life = Math.max(key.expiredTime - now(), 1);
  tick();
}

// shortened is an answer's JSON without what nobody should photograph.
const shortened = (answer) => JSON.stringify(answer, (name, value) =>
  /^(tmpSecretId|tmpSecretKey|sessionToken|sealed)$/.test(name) ? `${value.slice(0, 6)}… (${value.length} characters)` : value, 2);

function tick() {
  if (!session) return;
  const left = Math.max(0, Math.floor(session.key.expiredTime - now()));
  $('left').textContent = (left >= 3600 ? `${Math.floor(left / 3600)}:` : '') + new Date(left * 1000).toISOString().slice(14, 19);
  $('life').value = left / session.life;
  $('key').classList.toggle('ending', left <= spare);
}

// ---- Calls to COS

const place = ({ key }) => ({ Bucket: key.bucket, Region: key.region });

// call makes a promise of one of the SDK's calls.
const call = (mine, name, parameters) => new Promise((resolve, reject) => {
  mine.cos[name]({ ...place(mine), ...parameters }, (error, data) => error ? reject(error) : resolve(data));
});

// describe says what an error of the SDK is about. Its own errors carry text, COS's a code.
function describe(error, mine) {
  const why = mine.client.explain(error);
  if (why.codeDesc) return words(why);
  if (codeOf(error)) return `COS said ${codeOf(error)} (${error.statusCode}).`;
  if (error.statusCode) return `COS answered ${error.statusCode}.`;
  return `COS can't be reached at http://${config.cosHost}. Is serve still running?`;
}

// codeOf is COS's error code, such as AccessDenied; undefined if COS didn't answer with one.
const codeOf = (error) => error.error?.Code ?? (error.statusCode ? error.code : undefined);

// ---- Uploads

function upload(file) {
  const mine = session;
  const { prefix, prefixes } = mine.key;
  const key = prefixes[0].endsWith('/*') ? prefix + file.name : prefix; // a grant may be for one object
  const { item: row, part } = stamp('upload-row');
  const state = part('.state'), bar = part('progress'), cancel = part('.cancel'), again = part('.again');
  let task;
  part('.name').textContent = part('.name').title = row.dataset.name = file.name;
  row.dataset.state = 'waiting';
  bar.ariaLabel = `Upload of ${file.name}`;
  cancel.ariaLabel = `Cancel the upload of ${file.name}`;
  again.ariaLabel = `Try to upload ${file.name} again`;
  const settle = (what, text) => {
    row.dataset.state = what;
    state.textContent = text;
    cancel.hidden = true;
    again.hidden = what === 'done';
    row.cancel = undefined;
    if (session === mine) announce(`${file.name}: ${text}`);
  };
  row.cancel = () => { settle('cancelled', 'cancelled'); if (task) mine.cos.cancelTask(task); };
  cancel.onclick = () => { row.cancel(); again.focus(); };
  again.onclick = () => { row.remove(); upload(file); $('choose').focus(); };
  $('uploads').prepend(row);
  show();
  mine.cos.uploadFile({
    ...place(mine), Key: key, Body: file,
    onTaskReady: (id) => { task = id; if (row.dataset.state === 'cancelled') mine.cos.cancelTask(id); },
    onProgress: ({ percent, speed }) => {
      if (!row.cancel) return;
      row.dataset.state = 'uploading';
      bar.value = percent;
      state.textContent = `${Math.round(percent * 100)} % of ${bytes(file.size)}${speed > 0 ? `, ${bytes(Math.round(speed))}/s` : ''}`;
    },
  }, (error) => {
    if (!row.cancel) return; // cancelled
    settle(error ? 'failed' : 'done', error ? describe(error, mine) : `uploaded, ${bytes(file.size)}`);
    if (session === mine) list();
  });
}

function take(transfer) {
  const folders = [...transfer.items ?? []].filter((item) => item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile()?.name);
  notice(folders.length ? `Folders can't be dropped, only files: ${folders.join(', ')}` : '');
  for (const file of transfer.files) if (!folders.includes(file.name)) upload(file);
}

// ---- The gallery

async function list(marker = '') {
  const mine = session;
  const turn = mine.turn = (mine.turn ?? 0) + 1; // of two lists under way the later one counts
  try {
    const page = await call(mine, 'getBucket', { Prefix: mine.key.prefix, Marker: marker, MaxKeys: 60 });
    const links = await linksTo(mine, page.Contents.map((object) => object.Key));
    if (session !== mine || mine.turn !== turn) return;
    $('gallery')[marker ? 'append' : 'replaceChildren'](...page.Contents.map((object, i) => card(object, links[i])));
    mine.next = page.IsTruncated === 'true' ? page.NextMarker || page.Contents.at(-1)?.Key : undefined;
    $('empty').textContent = 'Nothing here yet. What you upload shows up here.';
  } catch (error) {
    if (session !== mine || mine.turn !== turn) return;
    $('gallery').replaceChildren();
    mine.next = undefined;
    $('empty').textContent = codeOf(error) === 'AccessDenied'
      ? 'COS refused: AccessDenied. The grant of this login doesn\'t let it list its folder.'
      : `Your folder can't be shown. ${error.codeDesc ? words(error) : describe(error, mine)}`;
  }
  counted();
}

function counted() {
  const n = $('gallery').children.length;
  $('count').textContent = n === 0 ? '' : `${n}${session.next ? '+' : ''} ${n === 1 ? 'file' : 'files'}`;
  $('empty').hidden = n > 0;
  $('more').hidden = !session.next;
}

// linksTo are links to objects, or none for a grant that doesn't let its users read. They name the bucket's own host; on this
// machine the page's server plays that.
async function linksTo(mine, keys) {
  const all = [];
  for (let i = 0; i < keys.length; i += 100) {
    const { links } = await mine.client.links(keys.slice(i, i + 100)).catch((error) => { if (error.status === 403) return { links: [] }; throw error; });
    all.push(...links.map(({ url }) => { const { pathname, search } = new URL(url); return `read${pathname}${search}`; }));
  }
  return all;
}

function card({ Key: key, Size: size }, url) {
  const { item, part } = stamp('card');
  const name = key.slice(session.key.prefix.length) || key, link = part('a.open'), load = part('a[download]'), kind = part('.kind'), bin = part('button');
  item.dataset.key = bin.dataset.delete = key;
  part('.name').textContent = part('.name').title = name;
  part('.size').textContent = bytes(Number(size));
  kind.textContent = /\.(\w{1,8})$/.exec(name)?.[1] ?? 'file';
  link.ariaLabel = `Open ${name}`;
  bin.ariaLabel = `Delete ${name}`;
  bin.onclick = () => remove(item, key, name);
  load.ariaLabel = `Download ${name}`;
  load.hidden = !url;
  if (url) {
    link.href = load.href = url;
    load.download = name.split('/').at(-1);
    if (pictures.test(name)) kind.replaceWith(make('img', { alt: '', loading: 'lazy', onerror() { this.replaceWith(kind); }, src: url }));
  }
  return item;
}

async function remove(item, key, name) {
  const mine = session;
  if (!await confirmed(`Delete ${name}?`)) return;
  const error = await call(mine, 'deleteObject', { Key: key }).then(() => undefined, (error) => error);
  if (session !== mine) return;
  if (error) return notice(`${name} wasn't deleted. ${describe(error, mine)}`);
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (next?.querySelector('button') ?? $('choose')).focus();
  announce(`${name} deleted`);
  counted();
}

function confirmed(question) {
  $('confirm-text').textContent = question;
  $('confirm').returnValue = 'no';
  $('confirm').showModal();
  return new Promise((resolve) => { $('confirm').onclose = () => resolve($('confirm').returnValue === 'yes'); });
}

// ---- Another user's folder

// neighbour guesses a folder that is somebody else's: the same one with another name in it.
function neighbour({ user, key }) {
  const other = people.find((name) => name !== user);
  const folder = key.prefix.split('/').map((segment) => segment === user ? other : segment).join('/');
  return folder === key.prefix ? `users/${other}/` : folder;
}

async function tryFolder() {
  const mine = session;
  const folder = $('neighbour').value.replace(/^\/+|\/*$/g, '') + '/';
  const own = mine.key.prefixes.some((prefix) => folder.startsWith(prefix.replace(/\*$/, '')));
  if (own) return verdict('unknown', 'That is your own folder. Name another one.', []);
  const Key = `${folder}tried-by-a-neighbour.txt`;
  const tries = [
    ['List', 'getBucket', { Prefix: folder }], ['Write', 'putObject', { Key, Body: 'This should not be here.' }],
    ['Read', 'getObject', { Key }], ['Delete', 'deleteObject', { Key }],
  ];
  const results = [];
  for (const [what, name, parameters] of tries) {
    results.push(await call(mine, name, parameters).then(
      () => ({ what, opened: true, text: 'done' }),
      // Only a refusal proves something: "no such object" would mean that COS had looked.
      (error) => codeOf(error) === 'AccessDenied' ? { what, refused: true, text: 'AccessDenied' }
        : { what, opened: codeOf(error)?.startsWith('NoSuch'), text: codeOf(error) ?? 'no answer', why: describe(error, mine) }));
  }
  if (session !== mine) return;
  if (results.some((r) => r.opened)) verdict('opened', `NOT REFUSED. Your key opens ${folder}, and it must not!`, results);
  else if (results.every((r) => r.refused)) verdict('refused', 'COS refused: AccessDenied. That is what we wanted.', results);
  else verdict('unknown', `This proves nothing. ${results.find((r) => r.why).why}`, results);
}

function verdict(which, text, results) {
  $('verdict').dataset.verdict = which;
  $('verdict-text').textContent = text;
  $('verdict-list').replaceChildren(...results.map((r) => make('li', {}, make('span', {}, r.what), make('span', {}, `${r.refused ? '✓ ' : ''}${r.text}`))));
  $('verdict').hidden = false;
}

// ---- When it goes wrong

async function fail(how) {
  await send('fail', { with: how }, 'The local cloud');
  for (const button of $('switches').children) button.ariaPressed = String(button.dataset.fail === how);
}

// askAgain asks for a key as a page does that has none, and says what came of it, and when.
async function askAgain() {
  const mine = session, began = now();
  mine.client.forget();
  asked('waiting', 'Asking …');
  await currentKey(mine).then(() => asked('good', 'A key'), (error) => asked('bad', words(error)));
  if (session === mine) $('asked').append(` – after ${(now() - began).toFixed(1)} s`);
}

function asked(state, text) {
  $('asked').dataset.state = state;
  $('asked').textContent = text;
  $('asked').hidden = false;
}

// ---- What people do

// attempt runs something that the user asked for, once at a time, and shows why it failed. A button that is disabled
// would lose the focus.
async function attempt(button, work) {
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  await work().catch((error) => notice(error.codeDesc ? words(error) : error.message));
  button.ariaBusy = 'false';
}

function listen() {
  for (const name of people) {
    const button = make('button', { type: 'button' }, make('span', { className: 'avatar', ariaHidden: 'true' }, name[0]), name);
    button.dataset.user = name;
    button.onclick = () => attempt(button, () => logIn(name));
    $('people').append(button);
  }
  const form = (id, work) => { $(id).onsubmit = (event) => { event.preventDefault(); attempt(event.submitter, work); }; };
  form('login', () => logIn($('user').value));
  form('paste', () => begin('your token', $('token').value.trim()));
  form('try', tryFolder);
  for (const [how, text] of failures) {
    const button = make('button', { type: 'button', ariaPressed: String(how === config.failing) }, text);
    button.dataset.fail = how;
    button.onclick = () => attempt(button, () => fail(how));
    $('switches').append(button);
  }
  $('ask-again').onclick = () => attempt($('ask-again'), askAgain);
  $('short-login').onclick = () => attempt($('short-login'), () => logIn(session.user, { exp: Math.floor(now()) + 30 }));
  $('log-out').onclick = logOut;
  $('notice-close').onclick = () => notice('');
  $('choose').onclick = () => $('files').click();
  $('files').onchange = () => { notice(''); for (const file of $('files').files) upload(file); $('files').value = ''; };
  $('uploads-clear').onclick = () => { for (const row of [...$('uploads').children]) if (!row.cancel) row.remove(); show(); };
  $('refresh').onclick = () => attempt($('refresh'), () => list());
  $('more').onclick = () => attempt($('more'), () => list(session.next));
  const dragging = (on) => (event) => { event.preventDefault(); document.body.classList.toggle('dragging', on && Boolean(session)); };
  addEventListener('dragover', dragging(true));
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) dragging(false)(event); }); // it left the window
  addEventListener('drop', (event) => { dragging(false)(event); if (session) take(event.dataTransfer); });
  setInterval(tick, 1000);
}

async function start() {
  config = await reach('config.json', {}, 'The local cloud');
  if (typeof COS === 'undefined') throw new Error('This page needs cos-js-sdk-v5, which is not installed. Run "npm ci" in test/clients (Node.js brings npm), then load the page again. The function, STS and COS work without it.');
  ({ createClient } = await import('./credentials.mjs').catch(() => {
    throw new Error('This page needs the client, which is not bundled. Run "npm ci" and "node bundle.mjs" in function/client, then load the page again.');
  }));
  listen();
  $('people').hidden = $('login').hidden = !config.canLogIn;
  $('paste').hidden = config.canLogIn;
  if (!config.canLogIn) $('welcome-text').textContent = 'The access file trusts only issuers whose keys are elsewhere, so no login can be made here. Log in there, and paste the token.';
  show();
  const before = config.canLogIn && sessionStorage.getItem('user');
  if (before) await logIn(before);
}

start().catch((error) => notice(error.codeDesc ? words(error) : error.message));
