// A stand-in for the `wx` of a Mini Program, as far as cos-wx-sdk-v5 and an application that uploads need it. Its requests
// are real HTTP, its files are real files.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';

const storage = new Map();

export const wx = {
  canIUse: (name) => name in wx,
  getAppBaseInfo: () => ({ SDKVersion: '3.0.0' }), // from 2.10.0 on files can be read in parts
  getDeviceInfo: () => ({ platform: 'ios' }),
  getStorageSync: (key) => storage.get(key) ?? '',
  setStorageSync: (key, value) => void storage.set(key, value),
  removeStorageSync: (key) => void storage.delete(key),
  getFileSystemManager: () => ({ stat, readFile }),
  request,
  uploadFile,
};

function stat({ path: name, success, fail }) {
  fs.promises.stat(name).then(
    (s) => success?.({ errMsg: 'stat:ok', stats: { size: s.size, mode: s.mode, lastModifiedTime: Math.floor(s.mtimeMs / 1000), lastAccessedTime: Math.floor(s.atimeMs / 1000), isDirectory: () => s.isDirectory(), isFile: () => s.isFile() } }),
    (e) => fail?.({ errMsg: `stat:fail ${e.message}` }),
  );
}

function readFile({ filePath, encoding, position = 0, length, success, fail }) {
  fs.promises.readFile(filePath).then(
    (all) => {
      const part = all.subarray(position, length === undefined ? undefined : position + length);
      success?.({ errMsg: 'readFile:ok', data: encoding ? part.toString(encoding) : arrayBuffer(part) });
    },
    (e) => fail?.({ errMsg: `readFile:fail ${e.message}` }),
  );
}

/** wx.request: success is called for every status; text is parsed as JSON unless dataType says otherwise. */
function request({ url, method = 'GET', header = {}, data, dataType = 'json', responseType = 'text', timeout = 60_000, success, fail, complete }) {
  const headers = { 'content-type': 'application/json', ...lowerCase(header) };
  let body;
  if (typeof data === 'string') body = Buffer.from(data);
  else if (data instanceof ArrayBuffer) body = Buffer.from(data);
  else if (data && method === 'GET') url += (url.includes('?') ? '&' : '?') + new URLSearchParams(data);
  else if (data) body = Buffer.from(JSON.stringify(data));
  return send(url, method, headers, body, timeout, 'request', {
    success(answer, raw) {
      let out = arrayBuffer(raw);
      if (responseType === 'text') {
        out = raw.toString();
        if (dataType === 'json') try { out = JSON.parse(out); } catch { /* it stays text */ }
      }
      success?.({ ...answer, errMsg: 'request:ok', data: out });
    },
    fail, complete,
  });
}

/** wx.uploadFile: a form with the fields of formData first and the file last, as the real one sends it. */
function uploadFile({ url, filePath, name, formData = {}, header = {}, timeout = 60_000, success, fail, complete }) {
  const boundary = `----wx${randomBytes(12).toString('hex')}`;
  const onProgress = [];
  let body;
  try {
    const part = (disposition, more = '') => `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`;
    const fields = Object.entries(formData).map(([k, v]) => `${part(`name="${k}"`)}${v}\r\n`).join('');
    const type = { '.png': 'image/png', '.jpg': 'image/jpeg', '.txt': 'text/plain' }[path.extname(filePath)] ?? 'application/octet-stream';
    const file = part(`name="${name}"; filename="${path.basename(filePath)}"`, `Content-Type: ${type}\r\n`);
    body = Buffer.concat([Buffer.from(fields + file), fs.readFileSync(filePath), Buffer.from(`\r\n--${boundary}--\r\n`)]);
  } catch (e) {
    const error = { errMsg: `uploadFile:fail ${e.message}` };
    queueMicrotask(() => { fail?.(error); complete?.(error); });
    return { abort() {}, onProgressUpdate() {} };
  }
  const headers = { ...lowerCase(header), 'content-type': `multipart/form-data; boundary=${boundary}` };
  const task = send(url, 'POST', headers, body, timeout, 'uploadFile', {
    success(answer, raw) {
      for (const f of onProgress) f({ progress: 100, totalBytesSent: body.length, totalBytesExpectedToSend: body.length });
      success?.({ ...answer, errMsg: 'uploadFile:ok', data: raw.toString() });
    },
    fail, complete,
  });
  return { ...task, onProgressUpdate: (f) => void onProgress.push(f) };
}

function send(url, method, headers, body, timeout, api, { success, fail, complete }) {
  let over = false;
  const end = (f, ...results) => {
    if (over) return;
    over = true;
    f?.(...results);
    complete?.(results[0]);
  };
  const failed = (why) => end(fail, { errMsg: `${api}:fail ${why}`, errno: 600001 });
  // Its length is always known: a chunked body would not carry the content-length that the SDK has signed.
  delete headers['content-length'];
  if (body || method !== 'GET') headers['content-length'] = body?.length ?? 0;
  const call = (url.startsWith('https:') ? https : http).request(url, { method, headers, timeout }, (answer) => {
    const chunks = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('error', (e) => failed(e.message));
    answer.on('end', () => end(success, { statusCode: answer.statusCode, header: titleCase(answer.headers) }, Buffer.concat(chunks)));
  });
  call.on('timeout', () => { failed('timeout'); call.destroy(); });
  call.on('error', (e) => failed(e.message));
  call.end(body);
  return { abort() { failed('abort'); call.destroy(); } };
}

const lowerCase = (header) => Object.fromEntries(Object.entries(header).map(([k, v]) => [k.toLowerCase(), String(v)]));

// Phones hand headers on as the server spelled them, mostly: applications must not count on lower case.
const titleCase = (headers) => Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase()), v]));

const arrayBuffer = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
