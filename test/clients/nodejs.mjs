// cos-nodejs-sdk-v5 as a client of journey.mjs.
import COS from 'cos-nodejs-sdk-v5';
import { withFetch } from './authorize.mjs';

export const nodeClient = (write) => ({
  authorize: withFetch,
  open: ({ host, authorize }) => new COS({ Domain: host, Protocol: 'http:', getAuthorization: authorize }),
  file: (name, bytes) => ({ FilePath: write(name, bytes) }),
  body: (text) => text,
  wholeFile: {},
  bytes: (body) => new Uint8Array(body),
  form: false,
});
