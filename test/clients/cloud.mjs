// The local cloud's addresses, which the Go test that starts a script puts into its environment, and its logins.
import fs from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

const names = ['LOGIN_URL', 'CREDENTIALS_URL', 'COS_HOST', 'COS_LATE_HOST', 'BUCKET', 'REGION', 'PAGE_URL'];

/** cloud.cosHost and so on. COS_LATE_HOST has the same objects, and a clock two hours ahead. */
export function cloudOf(environment) {
  const cloud = {};
  for (const name of names) {
    if (!environment[name]) throw new Error(`${name} is not set: these scripts are started by "go test ./test"`);
    cloud[name.toLowerCase().replace(/_([a-z])/g, (_, c) => c.toUpperCase())] = environment[name];
  }
  return cloud;
}

// Whatever https asks for here, the test's own server plays that host. Its certificate is its own too.
https.globalAgent.createConnection = (options) =>
  tls.connect({ ...options, host: '127.0.0.1', port: process.env.HTTPS_PORT, rejectUnauthorized: false });

/** The bytes behind a link, which names the bucket's own host. */
export const readLink = (url) => new Promise((resolve, reject) => {
  https.get(url, (answer) => {
    const chunks = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('end', () => (answer.statusCode === 200 ? resolve(new Uint8Array(Buffer.concat(chunks))) : reject(new Error(`${url}: ${answer.statusCode} ${Buffer.concat(chunks)}`))));
  }).on('error', reject);
});

/** One module out of several, by the client's esbuild. */
export async function bundled(options) {
  const esbuild = createRequire(new URL('../../function/client/package.json', import.meta.url))('esbuild');
  const { outputFiles } = await esbuild.build({ bundle: true, write: false, format: 'esm', logLevel: 'error', ...options });
  return outputFiles[0].text;
}

/** A folder for files to upload, gone at the end of the process. */
export function workFolder() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'cos-clients-'));
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  return (name, content) => {
    const file = path.join(dir, name);
    fs.writeFileSync(file, content);
    return file;
  };
}

/** Runs a script: a line for each step that it says, and a non-zero end at the first difference. */
export async function main(script) {
  const say = (line) => console.log(`  ${line}`);
  process.on('unhandledRejection', (e) => { console.error(e); process.exit(1); });
  try {
    await script(cloudOf(process.env), say);
    process.exit(0); // an SDK's timers are no reason to stay
  } catch (e) {
    console.error(e instanceof Error ? e.stack : JSON.stringify(e, null, 2));
    process.exit(1);
  }
}
