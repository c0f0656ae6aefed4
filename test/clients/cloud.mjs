// The local cloud's addresses, which the Go test that starts a script puts into its environment, and its logins.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const names = ['LOGIN_URL', 'CREDENTIALS_URL', 'POST_POLICY_URL', 'COS_HOST', 'COS_LATE_HOST', 'BUCKET', 'REGION', 'PAGE_URL'];

/** cloud.cosHost and so on. COS_LATE_HOST has the same objects, and a clock two hours ahead. */
export function cloudOf(environment) {
  const cloud = {};
  for (const name of names) {
    if (!environment[name]) throw new Error(`${name} is not set: these scripts are started by "go test ./test"`);
    cloud[name.toLowerCase().replace(/_([a-z])/g, (_, c) => c.toUpperCase())] = environment[name];
  }
  return cloud;
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
