// cos-js-sdk-v5 in Chromium against the local cloud: see journey.mjs, scope.mjs, tracing.mjs, and forms.mjs, which are HTML's.
import { fileURLToPath } from 'node:url';
import { htmlForm, ownPage, withBrowser } from './browser.mjs';
import { bundled, main, workFolder } from './cloud.mjs';
import { forms } from './forms.mjs';
import { nodeClient } from './nodejs.mjs';

await main((cloud, say) => withBrowser(async (browser) => {
  const page = await ownPage(browser, await bundled({ entryPoints: [fileURLToPath(new URL('in-page.mjs', import.meta.url))] }), say);
  await page.evaluate(async (cloud) => (await import('/module.mjs')).run(cloud), cloud);
  await forms(htmlForm(page), nodeClient(workFolder()), cloud, say); // the client reads what came of them
}));
