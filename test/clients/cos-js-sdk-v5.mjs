// cos-js-sdk-v5 in Chromium against the local cloud: the page as people use it, the SDK's own way (journey.mjs, scope.mjs), and
// HTML forms (forms.mjs).
import { fileURLToPath } from 'node:url';
import { htmlForm, ownPage, withBrowser } from './browser.mjs';
import { bundled, main, workFolder } from './cloud.mjs';
import { forms } from './forms.mjs';
import { nodeClient } from './nodejs.mjs';
import { visit } from './visit.mjs';

await main((cloud, say) => withBrowser(async (browser) => {
  const node = nodeClient(workFolder()); // looks at what came of it from outside
  await visit(browser, node, cloud, say);
  const page = await ownPage(browser, await bundled({ entryPoints: [fileURLToPath(new URL('in-page.mjs', import.meta.url))] }), say);
  await page.evaluate(async (cloud) => (await import('/module.mjs')).run(cloud), cloud);
  await forms(htmlForm(page), node, cloud, say);
}));
