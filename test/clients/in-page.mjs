// cos-js-sdk-v5 as a client of journey.mjs, inside a page.
import { createClient } from '../../function/client/credentials.mjs';
import { byFetch } from './front.mjs';
import { journey, moveClock } from './journey.mjs';
import { scopes } from './scope.mjs';
import { tracing } from './tracing.mjs';

const client = {
  createClient,
  transport: byFetch,
  link: async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer()),
  moveClock: (seconds) => moveClock(window, seconds),
  open: ({ host, authorize }) => new COS({ Domain: host, Protocol: 'http:', getAuthorization: authorize }),
  file: (name, bytes) => ({ Body: new File([bytes], name) }),
  body: (text) => text,
  wholeFile: { DataType: 'arraybuffer' },
  bytes: (body) => new Uint8Array(body),
  form: false,
};

/** say is a function that the test lends to the page. */
export async function run(cloud) {
  await journey(client, cloud, say);
  await scopes(client, cloud, say);
  await tracing(client, cloud, say);
}
