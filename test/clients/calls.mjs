// How often a page asks the function: a key that outlives a reload, and many uploads at once. Each answer of the function is
// counted on the way.
import { ownPage, withBrowser } from './browser.mjs';
import { equal } from './check.mjs';
import { bundled, main } from './cloud.mjs';
import { logIn } from './front.mjs';

const contents = `
import { createClient } from '../../function/client/credentials.mjs';
export async function load({ credentialsUrl, cosHost, token, storage, uploads }) {
  const client = createClient({ url: credentialsUrl, token: () => token, ...(storage && { storage: sessionStorage }) });
  const { bucket, region, prefix } = await client.get();
  const cos = new COS({ Domain: cosHost, Protocol: 'http:', getAuthorization: client.getAuthorization });
  const put = (i) => cos.putObject({ Bucket: bucket, Region: region, Key: prefix + i, Body: 'x' });
  await Promise.all(Array.from({ length: uploads }, (_, i) => put(i)));
}`;

await main((cloud, say) => withBrowser(async (browser) => {
  const module = await bundled({ stdin: { contents, resolveDir: new URL('.', import.meta.url).pathname } });
  const token = await logIn(cloud, 'alice');
  const calls = async (loads, options) => {
    const page = await ownPage(browser, module, say);
    let answers = 0;
    page.on('response', (r) => { if (r.url().startsWith(cloud.credentialsUrl) && r.request().method() === 'POST') answers += 1; });
    for (let i = 0; i < loads; i += 1) {
      await page.reload();
      await page.evaluate(async (options) => (await import('/module.mjs')).load(options), { ...cloud, token, ...options });
    }
    await page.close();
    return answers;
  };
  equal('ten page loads', await calls(10, { uploads: 1 }), 10);
  equal('ten page loads with storage', await calls(10, { storage: true, uploads: 1 }), 1);
  equal('18 uploads at once', await calls(1, { uploads: 18 }), 1);
  say('ten page loads ask the function 10 times, with storage once; 18 uploads at once ask once');
}));
