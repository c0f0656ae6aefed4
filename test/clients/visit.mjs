// A visit to the local cloud's page: what a person does there, and what must then be true.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { patience, withBrowser } from './browser.mjs';
import { bytes, equal, failed, sameBytes, saying } from './check.mjs';
import { main, workFolder } from './cloud.mjs';
import { bigSize, login } from './journey.mjs';
import { nodeClient } from './nodejs.mjs';

await main((cloud, say) => withBrowser((browser) => visit(browser, nodeClient(workFolder()), cloud, say)));

/** The client looks at what came of it from outside. */
async function visit(browser, client, cloud, say) {
  const folder = process.env.SCREENSHOTS || fs.mkdtempSync(path.join(os.tmpdir(), 'cos-page-'));
  fs.mkdirSync(folder, { recursive: true });
  if (!process.env.SCREENSHOTS) process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  const shot = (page, name) => page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true, animations: 'disabled' });

  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (e) => problems.push(e.message));
  page.on('console', (m) => /Content Security Policy/.test(m.text()) && problems.push(m.text()));
  page.on('filechooser', () => {}); // has Chromium ask the test, instead of a person, from the start
  await page.goto(cloud.pageUrl);
  await page.waitForSelector('#welcome:visible'); // it takes no keys before it knows where everything is
  await shot(page, 'login');

  await page.focus('#user');
  await page.keyboard.type('alice');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#desk:visible');
  equal('who', await page.textContent('#whoami'), 'alice');
  equal('folder', await page.textContent('#folder'), 'users/alice/*');
  if (!/^(30:00|29:\d\d)$/.test(await page.textContent('#left'))) throw new Error(`the key's life: ${await page.textContent('#left')}`);
  say('page: alice logs in by keyboard, and sees her folder and for how long');

  await page.click('#answer summary');
  const [came, isFor] = [JSON.parse(await page.textContent('#answer-sealed')), JSON.parse(await page.textContent('#answer-opened'))];
  equal('the answer as it came', [Object.keys(came), came.requestId], [['sealed', 'requestId'], isFor.requestId]);
  equal('the answer, opened', [isFor.prefix, ...Object.values(isFor.credentials).map((secret) => /^\S{6}… \(\d+ characters\)$/.test(secret))], ['users/alice/', true, true, true]);
  await page.click('#answer summary');
  say('page: the answer, sealed as it came, and opened with its secrets shortened');

  const files = [
    { name: 'harbour.png', mimeType: 'image/png', buffer: await drawing(page, '#0b3d91', '#f4b860') },
    { name: 'a picture with a rather long name, taken on a <b>windy</b> day at the end of November.png', mimeType: 'image/png', buffer: await drawing(page, '#1d7a5f', '#d8f3dc') },
    { name: 'film.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(bytes(bigSize, 23)) },
  ];
  await page.focus('#choose');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(files);
  const dropped = { name: 'dropped.png', buffer: await drawing(page, '#7b2d8b', '#ffd6e8') };
  await drop(page, dropped);
  const all = [...files, dropped];
  for (const { name } of all) await page.locator(`#uploads li[data-name="${name}"][data-state=done]`).waitFor();
  say('page: three files chosen by keyboard and one dropped, all uploaded');

  const alice = await login(client, cloud, 'alice');
  for (const { name, buffer } of all) {
    const card = page.locator(`#gallery li[data-key="users/alice/${name}"]`);
    await card.waitFor();
    const { Body } = await alice.do('getObject', { Key: `users/alice/${name}` });
    sameBytes(name, client.bytes(Body), new Uint8Array(buffer));
    const opened = await fetch(new URL(await card.locator('a.open').getAttribute('href'), cloud.pageUrl));
    sameBytes(`${name}, by its link`, new Uint8Array(await opened.arrayBuffer()), new Uint8Array(buffer));
    const [download] = await Promise.all([page.waitForEvent('download'), card.locator('a[download]').click()]);
    sameBytes(`${name}, downloaded`, new Uint8Array(fs.readFileSync(await download.path())), new Uint8Array(buffer));
    if (name.endsWith('.png')) await page.waitForFunction((picture) => picture.naturalWidth === 640, await card.locator('img').elementHandle());
  }
  equal('cards', await page.locator('#gallery li').count(), all.length);
  say('page: the gallery shows them; equal bytes, pictures that load, links that open and download');

  equal('whose folder is tried', await page.inputValue('#neighbour'), 'users/bob/');
  await page.click('#try-button');
  await page.locator('#verdict[data-verdict=refused]').waitFor();
  equal('the verdict', await page.textContent('#verdict-text'), 'COS refused: AccessDenied. That is what we wanted.');
  equal('each try', await page.locator('#verdict-list li').allInnerTexts().then((all) => all.map((t) => t.replace(/\s+/g, ' '))), ['List', 'Write', 'Read', 'Delete'].map((what) => `${what} ✓ AccessDenied`));
  say('page: the neighbour\'s folder is refused four times, and that is shown as success');

  await shot(page, 'desktop-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot(page, 'desktop-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await shot(page, 'phone-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await shot(page, 'phone-light');
  equal('the page is no wider than a phone', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await page.setViewportSize({ width: 1280, height: 860 });

  await opened(context, cloud, say);
  await failures(page, say);

  for (const { name } of all) {
    await page.click(`#gallery li[data-key="users/alice/${name}"] button[data-delete]`);
    await page.click('#confirm-yes');
    await page.locator(`#gallery li[data-key="users/alice/${name}"]`).waitFor({ state: 'detached' });
    equal(`${name} after its deletion`, saying(await failed(name, alice.do('getObject', { Key: `users/alice/${name}` }))).code, 'NoSuchKey');
  }
  await page.locator('#empty:visible').waitFor();
  await page.click('#log-out');
  await page.waitForSelector('#welcome:visible');
  equal('problems of the page', problems, []);
  await context.close();
  say(`page: files deleted, logged out${process.env.SCREENSHOTS ? `; screenshots in ${folder}` : ''}`);
}

/** Each failure is switched on, met, and said in the function's words; and the page is as good as before. */
async function failures(page, say) {
  const ask = async (how, state, words) => {
    await page.click(`#switches [data-fail="${how}"]`);
    await page.locator(`#switches [data-fail="${how}"][aria-pressed=true]`).waitFor();
    await page.click('#ask-again');
    await page.locator(`#asked[data-state=${state}]`, { hasText: words }).waitFor();
    await page.locator('#ask-again[aria-busy=false]').waitFor();
    return page.textContent('#asked');
  };
  await page.click('#short-login'); // its 30 s pass meanwhile
  await page.waitForFunction(() => /^(01:00|00:5\d)$/.test(document.querySelector('#left').textContent));
  const loggedIn = Date.now();
  const waited = (text) => Number(/after ([\d.]+) s/.exec(text)[1]);
  await ask('403', 'bad', /^403 NotEntitled: .* \(request /);
  equal('429 is asked again after 5 s', waited(await ask('429', 'bad', /^429 TooManyRequests: /)) >= 5, true);
  equal('503 is asked again after 3 s', waited(await ask('503', 'bad', /^503 StsBusy: /)) >= 3, true);
  equal('hanging ends after 15 s', waited(await ask('hang', 'bad', /^Timeout: /)) >= 15, true);
  say('page: 403, 429, 503 and a function that hangs are said in words, and end');

  await page.waitForTimeout(Math.max(0, loggedIn + 31_000 - Date.now()));
  await ask('', 'bad', /^Your login has ended: log out and in again\. 401 TokenExpired: /);
  await page.click('#log-out');
  await page.click('#people [data-user=alice]');
  await page.waitForSelector('#gallery li');
  await ask('', 'good', /^A key/);
  say('page: a login that has ended is said in words, and the next one is as good as the first');
}

/** Were the neighbour's folder open, the page would have to say so, loudly: here a COS that opens it is put in between. */
async function opened(context, cloud, say) {
  const page = await context.newPage();
  await page.route(`http://${cloud.cosHost}/users/bob/**`, (route) => route.fulfill({ status: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' }));
  await page.goto(cloud.pageUrl);
  await page.click('#people [data-user=alice]');
  await page.click('#try-button');
  await page.locator('#verdict[data-verdict=opened]').waitFor();
  if (!/NOT REFUSED/.test(await page.textContent('#verdict-text'))) throw new Error('an open folder is not called one');
  await page.close();
  say('page: an open neighbour\'s folder would be shown as a failure');
}

/** A picture of 640 × 480. */
async function drawing(page, from, to) {
  const data = await page.evaluate(([from, to]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const pen = canvas.getContext('2d');
    const sky = pen.createLinearGradient(0, 0, 640, 480);
    sky.addColorStop(0, from);
    sky.addColorStop(1, to);
    pen.fillStyle = sky;
    pen.fillRect(0, 0, 640, 480);
    return canvas.toDataURL('image/png').split(',')[1];
  }, [from, to]);
  return Buffer.from(data, 'base64');
}

/** Drops a file onto the page, as a mouse would. */
async function drop(page, { name, buffer }) {
  const transfer = await page.evaluateHandle(({ name, data }) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type: 'image/png' }));
    return transfer;
  }, { name, data: buffer.toString('base64') });
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('#drop', type, { dataTransfer: transfer });
}
