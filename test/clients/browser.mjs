// Chromium, driven by playwright-core: real pages, real requests, a fresh profile.
import fs from 'node:fs';
import { chromium } from 'playwright-core';

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function withBrowser(work) {
  if (!process.env.CHROMIUM) throw new Error('CHROMIUM is not set: it is the path of a Chromium');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: quiet });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/**
 * A page of the local cloud's own origin with cos-js-sdk-v5, and nothing else of the local cloud's page: its scripts are
 * those of this folder.
 */
export async function emptyPage(browser, cloud, say) {
  const page = await browser.newPage();
  await page.exposeFunction('say', say);
  page.on('pageerror', (e) => say(`the page throws: ${e.message}`));
  await page.route('**/clients/*', (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    if (name === 'empty.html') {
      return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>test</title><script src="/cos-js-sdk-v5.min.js"></script>' });
    }
    return route.fulfill({ contentType: 'text/javascript', body: fs.readFileSync(new URL(name, import.meta.url)) });
  });
  await page.goto(new URL('/clients/empty.html', cloud.pageUrl).href);
  return page;
}

/** Sends a form as people do: a real HTML form, a file chosen, a button pressed. For forms.mjs. */
export const htmlForm = (page) => async ({ url, fields, file }) => {
  await page.evaluate(({ url, fields }) => {
    document.body.replaceChildren();
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url, enctype: 'multipart/form-data' });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    form.append(
      Object.assign(document.createElement('input'), { type: 'file', name: 'file' }), // the last field: COS reads none after it
      Object.assign(document.createElement('button'), { textContent: 'Upload' }),
    );
    document.body.append(form);
  }, { url, fields });
  await page.setInputFiles('input[type=file]', { name: file.name, mimeType: file.type, buffer: Buffer.from(file.bytes) });
  const [response] = await Promise.all([page.waitForResponse((r) => r.url() === url && r.request().method() === 'POST'), page.click('button')]);
  const answer = { status: response.status(), body: await response.text() };
  await page.goBack();
  return answer;
};
