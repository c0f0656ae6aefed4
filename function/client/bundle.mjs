// Writes the client as one file without imports, in ES2015, for who copies a file instead of installing a package:
// credentials.js (CommonJS, for Mini Programs and require) and credentials.mjs (an ES module, for pages and uni-app),
// each with its types. node bundle.mjs [FOLDER], by default dist.
import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = process.argv[2] || here('dist');
const licence = readFileSync(here('node_modules/@stablelib/x25519/LICENSE'), 'utf8').trim();

for (const [name, types, format] of [
  ['credentials.js', 'credentials.d.ts', 'cjs'],
  ['credentials.mjs', 'credentials.d.mts', 'esm'],
]) {
  const { errors, warnings } = await build({
    entryPoints: [here('credentials.mjs')],
    outfile: `${folder}/${name}`,
    format,
    bundle: true,
    minify: true,
    target: 'es2015',
    charset: 'ascii',
    logLevel: 'error',
    banner: { js: `/*! cos-credentials' client, Apache License 2.0; and in it @stablelib:\n\n${licence} */` },
  });
  if (errors.length + warnings.length > 0) throw new Error(JSON.stringify([errors, warnings]));
  copyFileSync(here('credentials.d.ts'), `${folder}/${types}`);
}
