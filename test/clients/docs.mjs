// Every example of the documents, as it stands: in Chromium, or in a Mini Program's engine. Whatever it exports is used as
// its text says. Hosts of the cloud are played by the test's own server; of serve's addresses only the ports are others.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownPage, withBrowser } from './browser.mjs';
import { bytes, equal, sameBytes } from './check.mjs';
import { bundled, main, readLink, workFolder } from './cloud.mjs';
import { engine } from './engine.mjs';
import { logIn } from './front.mjs';
import { wx } from './wx.mjs';

const documents = ['README.md', 'function/README.md', 'function/client/README.md', 'test/README.md'];
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const alias = { 'cos-credentials-client': path('../../function/client/credentials.mjs') };
const picture = bytes(3000, 29);
const getRandomValues = ({ length, success }) => success({ randomValues: crypto.getRandomValues(new Uint8Array(length)).buffer });

await main((cloud, say) => withBrowser(async (browser) => {
  const token = await logIn(cloud, 'alice');
  const write = workFolder();
  const shop = { ...wx, getRandomValues, getStorageSync: (name) => (name === 'token' ? token : '') };

  /** In a page: upload(file), thumbnails(names), credentials(), cos. */
  const inPage = async (example) => {
    const page = await ownPage(browser, await bundled({ ...example, alias }), say);
    await page.evaluate((token) => localStorage.setItem('token', token), token);
    const done = await page.evaluate(async ([picture, bucket, region]) => {
      const file = new File([new Uint8Array(picture)], 'me.png', { type: 'image/png' });
      const { upload, thumbnails, credentials, cos } = await import('/module.mjs');
      const key = 'users/alice/example.png';
      return {
        upload: upload && await upload(file),
        thumbnails: thumbnails && await thumbnails(['me.png']),
        credentials: credentials && Object.keys(await credentials()),
        cos: cos && (await cos.putObject({ Bucket: bucket, Region: region, Key: key, Body: file }), key),
      };
    }, [[...picture], cloud.bucket, cloud.region]);
    await page.close();
    for (const link of [done.upload, ...done.thumbnails ?? []].filter((s) => s?.startsWith('https:'))) sameBytes(link, await readLink(link), picture);
    if (done.credentials) equal('credentials', done.credentials, ['accessKeyId', 'secretAccessKey', 'sessionToken', 'expiration']);
    return done;
  };

  /** In a Mini Program, or in uni-app: upload(path). */
  const inEngine = async (example, globals) => {
    const code = await bundled({ ...example, format: 'cjs', external: ['cos-credentials-client', 'cos-wx-sdk-v5'] });
    const { upload } = engine(globals.wx, globals).run(code);
    const link = await upload(write('me.png', picture));
    sameBytes(link, await readLink(link), picture);
    return { upload: link };
  };

  let examples = 0;
  for (const name of documents) {
    const text = fs.readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
    for (const [, loader, contents] of text.matchAll(/```(ts|js)\n([^]*?)```/g)) {
      const local = contents.replace('http://127.0.0.1:8080/login', cloud.loginUrl)
        .replace('http://127.0.0.1:8081/credentials', cloud.credentialsUrl).replace('127.0.0.1:8082', cloud.cosHost);
      const example = { stdin: { contents: local, loader, resolveDir: path('.') } };
      const done = await (/\buni\./.test(contents) ? inEngine(example, { uni: shop })
        : /require\('cos-wx-sdk/.test(contents) ? inEngine(example, { wx: shop }) : inPage(example));
      equal(`${name}: an example exports nothing that is known here`, Object.values(done).some(Boolean), true);
      say(`${name}: ${contents.split('\n').find((line) => /export/.test(line)).trim()}`);
      examples += 1;
    }
  }
  equal('there are some', examples >= 8, true);
}));
