// cos-wx-sdk-v5 and the bundled client in an engine that has wx and little else (engine.mjs), against the local cloud: see
// journey.mjs, scope.mjs and forms.mjs.
import { bytes, equal } from './check.mjs';
import { main, readLink, workFolder } from './cloud.mjs';
import { engine } from './engine.mjs';
import { forms, wxForm } from './forms.mjs';
import { byRequest } from './front.mjs';
import { journey, login, moveClock } from './journey.mjs';
import { scopes } from './scope.mjs';
import { wx } from './wx.mjs';

const write = workFolder();
const { COS, createClient, realm } = engine(wx);
const client = {
  createClient,
  transport: byRequest(wx),
  link: readLink,
  moveClock: (seconds) => moveClock(realm, seconds),
  open: ({ host, authorize, ...options }) => new COS({ Domain: `http://${host}`, getAuthorization: authorize, ...options }), // it ignores Protocol
  file: (name, bytes) => ({ FilePath: write(name, bytes) }),
  body: (text) => new Uint8Array(new TextEncoder().encode(text)).buffer, // its putObject takes no text
  wholeFile: { DataType: 'arraybuffer' },
  bytes: (body) => new Uint8Array(body),
  form: true,
  formFile: write,
};

await main(async (cloud, say) => {
  await journey(client, cloud, say);
  await scopes(client, cloud, say);
  await puts(cloud, say);
  await forms(wxForm(wx, write), client, cloud, say);
});

/** With SimpleUploadMethod, as the README has it, a small upload is a put, for which the grant needs no formUpload. */
async function puts(cloud, say) {
  const open = (options) => client.open({ ...options, SimpleUploadMethod: 'putObject' });
  const alice = await login({ ...client, open }, cloud, 'alice', { scoped: true });
  await alice.do('uploadFile', { Key: `${alice.folder}put.png`, ...client.file('put.png', bytes(5000)) });
  equal('a small upload asks for', alice.answers.at(-1).asked.scope[0].action, 'name/cos:PutObject');
  await alice.do('deleteObject', { Key: `${alice.folder}put.png` });
  say("uploadFile with SimpleUploadMethod: 'putObject': a put");
}
