// cos-nodejs-sdk-v5 as a client of journey.mjs.
import COS from 'cos-nodejs-sdk-v5';
import { createClient } from '../../function/client/credentials.mjs';
import { readLink } from './cloud.mjs';
import { byFetch } from './front.mjs';
import { moveClock } from './journey.mjs';

export const nodeClient = (write) => ({
  createClient,
  transport: byFetch,
  link: readLink,
  moveClock: (seconds) => moveClock(globalThis, seconds),
  open: ({ host, authorize }) => new COS({ Domain: host, Protocol: 'http:', getAuthorization: authorize }),
  file: (name, bytes) => ({ FilePath: write(name, bytes) }),
  body: (text) => text,
  wholeFile: {},
  bytes: (body) => new Uint8Array(body),
  form: false,
  formFile: (name, bytes) => new File([bytes], name, { type: 'image/png' }),
});
