// cos-js-sdk-v5 in Chromium against the local cloud: the page as people use it, the SDK's own way (journey.mjs, scope.mjs), and
// HTML forms (forms.mjs).
import { emptyPage, htmlForm, withBrowser } from './browser.mjs';
import { main, workFolder } from './cloud.mjs';
import { forms } from './forms.mjs';
import { nodeClient } from './nodejs.mjs';
import { visit } from './visit.mjs';

await main((cloud, say) => withBrowser(async (browser) => {
  await visit(browser, cloud, say);
  const page = await emptyPage(browser, cloud, say);
  await page.evaluate(async (cloud) => (await import('/clients/in-page.mjs')).run(cloud), cloud);
  await forms(htmlForm(page), nodeClient(workFolder()), cloud, say);
}));
