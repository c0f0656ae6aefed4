// Chromium, driven by playwright-core: real pages, real requests, a fresh profile.
import fs from 'node:fs';
import http from 'node:http';
import { chromium } from 'playwright-core';

export const patience = 120_000; // ms, for each thing that a page must do: far more than a busy machine needs
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// Every name but localhost is the test's own server, which plays the hosts of the cloud; its certificate is its own too.
const { HTTP_PORT, HTTPS_PORT } = process.env;
const hosts = `EXCLUDE localhost, EXCLUDE 127.0.0.1, MAP *:80 127.0.0.1:${HTTP_PORT}, MAP * 127.0.0.1:${HTTPS_PORT}`;
const names = [`--host-resolver-rules=${hosts}`, '--ignore-certificate-errors'];

export async function withBrowser(work) {
  if (!process.env.CHROMIUM) throw new Error('CHROMIUM is not set: it is the path of a Chromium');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...quiet, ...names], timeout: patience });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/**
 * A page of a front end of one's own, on another port as a development server has it: cos-js-sdk-v5, and a module's
 * text. Nothing is intercepted, so the preflights of CORS are the browser's own.
 */
export async function ownPage(browser, module, say) {
  const files = {
    '/own.html': ['text/html', '<!doctype html><title>own</title><script src="/sdk.js"></script>'],
    '/sdk.js': ['text/javascript', fs.readFileSync(new URL('node_modules/cos-js-sdk-v5/dist/cos-js-sdk-v5.min.js', import.meta.url))],
    '/module.mjs': ['text/javascript', module],
  };
  const server = http.createServer((request, answer) => {
    const [type, content] = files[request.url] ?? ['text/plain', ''];
    answer.setHeader('content-type', `${type}; charset=utf-8`);
    answer.end(content);
  });
  await new Promise((listening) => server.listen(new URL(process.env.OWN_ORIGIN).port, '127.0.0.1', listening));
  server.unref();
  const page = await browser.newPage();
  page.on('close', () => { server.closeAllConnections(); server.close(); });
  page.setDefaultTimeout(patience);
  // COS sends no Cache-Control, so a browser may answer a GET with what it has seen before, whoever sees it now. Here every
  // request must reach COS.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.exposeFunction('say', say);
  page.on('pageerror', (e) => say(`the page throws ${e.message}`));
  await page.goto(`${process.env.OWN_ORIGIN}/own.html`);
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
