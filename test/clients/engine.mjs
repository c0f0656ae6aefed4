// A Mini Program's engine, as poor as one may be: wx, timers and ECMAScript, with no crypto, TextEncoder, atob, Buffer, URL,
// fetch or BigInt. In it are cos-wx-sdk-v5 and the client's bundle, as Mini Programs copy it.
import fs from 'node:fs';
import vm from 'node:vm';
import { equal } from './check.mjs';

const missing = ['crypto', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'Buffer', 'URL', 'fetch', 'AbortController', 'BigInt', 'process'];
const read = (file) => fs.readFileSync(new URL(file, import.meta.url), 'utf8');

/** {COS, createClient, realm}: realm is its global object. run(code) runs more in it, as a CommonJS module. */
export function engine(wx, more = {}) {
  const realm = vm.createContext({ ...(wx && { wx }), setTimeout, clearTimeout, setInterval, clearInterval, ...more });
  vm.runInContext('delete globalThis.BigInt; delete globalThis.WebAssembly; var window = globalThis;', realm);
  const globals = vm.runInContext('globalThis', realm);
  Object.defineProperty(globals.Array, Symbol.hasInstance, { value: Array.isArray }); // the tests' arrays are of another realm
  for (const name of missing) equal(`${name} in the engine`, vm.runInContext(`typeof ${name}`, realm), 'undefined');
  const modules = {};
  const run = (code) => {
    realm.module = { exports: {} };
    realm.exports = realm.module.exports;
    realm.require = (name) => modules[name];
    vm.runInContext(`(function (module, exports, require) {${code}\n})(module, exports, require)`, realm);
    return realm.module.exports;
  };
  if (wx) modules['cos-wx-sdk-v5'] = run(read('node_modules/cos-wx-sdk-v5/dist/cos-wx-sdk-v5.min.js'));
  modules['cos-credentials-client'] = run(read('../../function/client/dist/credentials.js'));
  return { COS: modules['cos-wx-sdk-v5'], createClient: modules['cos-credentials-client'].createClient, realm: globals, run };
}
