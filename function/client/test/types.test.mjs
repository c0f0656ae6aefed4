// Strict TypeScript compiles the types, test/types, and every example of the documents as it stands.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['../../README.md', '../README.md', 'README.md', '../../test/README.md'];
const examples = documents.flatMap((name) => [
  ...readFileSync(join(root, name), 'utf8').matchAll(/```(ts|js)\n([^]*?)```/g),
]);

function compile(change = (example) => example) {
  const folder = mkdtempSync(join(tmpdir(), 'types-'));
  cpSync(join(root, 'test/types'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['cos-js-sdk-v5', '@smithy'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(root, join(folder, 'node_modules/cos-credentials-client'));
  examples.forEach(([, language, text], i) => writeFileSync(join(folder, `example-${i}.${language}`), change(text)));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    checkJs: true,
    target: 'es2020',
    lib: ['es2020', 'dom'],
    module: 'preserve',
    moduleResolution: 'bundler',
    esModuleInterop: true,
    skipLibCheck: false,
    types: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', '*.js'] }));
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
    return '';
  } catch (error) {
    const said = error.stdout || String(error);
    return said.replaceAll(/^node_modules\/@smithy\/.*\n/gm, ''); // it names types of Node, which nothing here uses
  }
}

test('types and examples compile', () => {
  assert.equal(compile(), '');
  assert.ok(examples.length >= 8, `${examples.length} examples`);
});

test('an example has ten lines of code', () => {
  for (const [text, , code] of examples)
    assert.ok(code.split('\n').filter((line) => line.trim()).length <= 11, text); // a wrapped one may be two
});

test('an example that is wrong does not compile', () => {
  const said = compile((text) => text.replaceAll(/\b(keys|files)\.\w+/g, 'keys.none'));
  for (const i of examples.keys()) assert.match(said, new RegExp(`example-${i}\\.`));
});
