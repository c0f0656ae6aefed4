// Strict TypeScript compiles the types, test/types, and every example of the README as it stands.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function compile(change = (example) => example) {
  const folder = mkdtempSync(join(tmpdir(), 'types-'));
  cpSync(join(root, 'test/types'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'node_modules/cos-js-sdk-v5'), join(folder, 'node_modules/cos-js-sdk-v5'));
  symlinkSync(root, join(folder, 'node_modules/cos-credentials-client'));
  const examples = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```(ts|js)\n([^]*?)```/g)];
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
    return { examples, said: '' };
  } catch (error) {
    return { examples, said: error.stdout || String(error) };
  }
}

test('types and examples compile', () => {
  const { examples, said } = compile();
  assert.equal(said, '');
  assert.equal(examples.length, 3);
  for (const [text] of examples)
    assert.ok(
      text
        .trim()
        .split('\n')
        .filter((line) => line.trim()).length <= 12,
      'an example is to be ten lines',
    );
});

test('an example that is wrong does not compile', () => {
  const { said } = compile((text) => text.replace('prefix', 'prefixed').replace('files.form', 'files.forms'));
  for (const i of [0, 1, 2]) assert.match(said, new RegExp(`example-${i}\\.`));
});
