// The bundled file in an engine that has ECMAScript 2015, timers and wx, and nothing else: no crypto, TextEncoder,
// atob, Buffer, URL, fetch, AbortController and no BigInt.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { wx } from '../../../test/clients/wx.mjs';
import { startFunction, tokenOf } from './function.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
execFileSync(process.execPath, [fileURLToPath(new URL('../bundle.mjs', import.meta.url)), folder]);
const bundle = readFileSync(join(folder, 'credentials.js'), 'utf8');

// What ECMAScript got after 2015 and a bundler does not replace.
const later = `
  for (const [of, names] of [
    [globalThis, 'BigInt BigInt64Array BigUint64Array Atomics SharedArrayBuffer WebAssembly WeakRef AggregateError'],
    [globalThis, 'FinalizationRegistry console escape unescape Iterator'],
    [Object, 'entries values fromEntries getOwnPropertyDescriptors hasOwn groupBy'],
    [Array.prototype, 'includes flat flatMap at findLast findLastIndex toSorted toReversed toSpliced with'],
    [String.prototype, 'padStart padEnd trimStart trimEnd matchAll replaceAll at isWellFormed'],
    [Object.getPrototypeOf(Uint8Array).prototype, 'includes at findLast toSorted toReversed with'],
    [Promise, 'allSettled any withResolvers'], [Promise.prototype, 'finally'], [Symbol, 'asyncIterator matchAll'],
  ]) for (const name of names.split(' ')) delete of[name];
  Math.random = () => { throw new Error('Math.random was called'); };
  delete globalThis.globalThis;`;

/** The bundle's exports there. */
function load(mini) {
  const context = vm.createContext({ setTimeout, clearTimeout, module: { exports: {} }, ...(mini && { wx: mini }) });
  vm.runInContext(later, context);
  vm.runInContext(`'use strict';${bundle}`, context);
  return { context, ...context.module.exports };
}

const getRandomValues = ({ length, success }) => {
  const bytes = randomBytes(length);
  success({ randomValues: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + length) });
};

test('what is missing there is missing', () => {
  const { context } = load(wx);
  for (const name of [
    'crypto',
    'TextEncoder',
    'TextDecoder',
    'atob',
    'Buffer',
    'URL',
    'fetch',
    'AbortController',
    'BigInt',
    'require',
    'process',
    'self',
    'window',
  ]) {
    assert.equal(vm.runInContext(`typeof ${name}`, context), 'undefined', name);
  }
});

test('keys, scoped keys, links and forms, sealed', async (t) => {
  const f = await startFunction();
  t.after(f.close);
  const { createClient } = load({ ...wx, getRandomValues });
  const client = createClient({ url: f.url, token: () => tokenOf('小明') });
  assert.equal((await client.get()).prefix, 'users/小明/');
  const key = await new Promise((done) => {
    client.getAuthorization({}, done);
  });
  assert.equal(key.SecurityToken, 'session-小明');
  const narrow = await new Promise((done) => {
    client.getScopedAuthorization({ Scope: [{ prefix: 'a' }] }, done);
  });
  assert.equal(narrow.ScopeLimit, true);
  assert.equal((await client.links(['a', 'b'])).links.length, 2);
  assert.match((await client.form('a.png')).key, /png$/);
  assert.ok(f.requests.every((r) => r.sealTo) && f.requests.length === 4);
});

test('without random bytes there is no key, and Math.random is no substitute', async (t) => {
  const f = await startFunction();
  t.after(f.close);
  const { createClient } = load(wx);
  const client = createClient({ url: f.url, token: () => tokenOf('alice') });
  await assert.rejects(client.get(), { codeDesc: 'NoRandomness' });
  assert.equal(f.requests.length, 0);
  const own = createClient({ url: f.url, token: () => tokenOf('alice'), randomBytes: (n) => [...randomBytes(n)] });
  assert.equal((await own.get()).prefix, 'users/alice/');
});

test('a function that hangs, and one that is busy', async (t) => {
  const busy = (r) => {
    r.writeHead(503, { 'Retry-After': '1' });
    r.end('{"code":50301,"codeDesc":"StsBusy","message":"Try again.","requestId":"r"}');
  };
  const f = await startFunction({ faults: [() => new Promise(() => {}), busy] });
  t.after(f.close);
  const { createClient, CredentialsError } = load({ ...wx, getRandomValues });
  const options = { url: f.url, token: () => tokenOf('alice') };
  const error = await createClient({ ...options, timeout: 1000 })
    .get()
    .catch((e) => e);
  assert.ok(
    error instanceof CredentialsError && error.codeDesc === 'Timeout' && error.name === 'CredentialsError',
    String(error),
  );
  assert.equal((await createClient(options).get()).prefix, 'users/alice/', 'its header is Retry-After here');
});

test('the file stands alone, without BigInt', () => {
  assert.doesNotMatch(bundle, /\brequire\(|\bimport[ ({*]|BigInt|\b\d+n\b|Math\.random|\basync |\?\./);
  assert.match(bundle.slice(0, 300), /MIT/);
});

test('as an ES module it exports the same, and each has its types', async () => {
  const module = await import(pathToFileURL(join(folder, 'credentials.mjs')));
  assert.deepEqual(Object.keys(module).sort(), ['CredentialsError', 'createClient']);
  for (const name of ['credentials.d.ts', 'credentials.d.mts'])
    assert.match(readFileSync(join(folder, name), 'utf8'), /createClient/);
});

test('the packed package can be imported and required', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const to = mkdtempSync(join(tmpdir(), 'pack-'));
  const said = execFileSync('npm', ['pack', '--json', '--pack-destination', to], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename, files }] = JSON.parse(said.slice(said.indexOf('[\n')));
  for (const name of ['credentials.mjs', 'credentials.d.ts', 'hpke.mjs', 'dist/credentials.js', 'README.md'])
    assert.ok(
      files.some((f) => f.path === name),
      name,
    );
  assert.equal(files.length, 6, files.map((f) => f.path).join(' '));
  execFileSync('tar', ['xzf', join(to, filename), '-C', to]);
  const required = `const { createClient } = require('./package'); if (typeof createClient !== 'function') throw 1`;
  writeFileSync(join(to, 'use.cjs'), required);
  execFileSync(process.execPath, [join(to, 'use.cjs')]);
});
