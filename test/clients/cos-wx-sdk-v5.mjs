// cos-wx-sdk-v5 with a stand-in for wx against the local cloud: see journey.mjs, scope.mjs and forms.mjs.
import { createRequire } from 'node:module';
import { withWx } from './authorize.mjs';
import { main, workFolder } from './cloud.mjs';
import { forms, wxForm } from './forms.mjs';
import { journey } from './journey.mjs';
import { scopes } from './scope.mjs';
import { wx } from './wx.mjs';

Object.assign(globalThis, { wx, window: globalThis }); // before the SDK is loaded
const COS = createRequire(import.meta.url)('cos-wx-sdk-v5');

const write = workFolder();
const client = {
  authorize: withWx,
  open: ({ host, authorize }) => new COS({ Domain: `http://${host}`, getAuthorization: authorize }), // it ignores Protocol
  file: (name, bytes) => ({ FilePath: write(name, bytes) }),
  body: (text) => new Uint8Array(new TextEncoder().encode(text)).buffer, // its putObject takes no text
  wholeFile: { DataType: 'arraybuffer' },
  bytes: (body) => new Uint8Array(body),
  form: true,
};

await main(async (cloud, say) => {
  await journey(client, cloud, say);
  await scopes(client, cloud, say);
  await forms(wxForm(write), client, cloud, say);
});
