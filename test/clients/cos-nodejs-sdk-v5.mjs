// cos-nodejs-sdk-v5 against the local cloud: see journey.mjs and scope.mjs.
import { main, workFolder } from './cloud.mjs';
import { journey } from './journey.mjs';
import { nodeClient } from './nodejs.mjs';
import { scopes } from './scope.mjs';

await main(async (cloud, say) => {
  const client = nodeClient(workFolder());
  await journey(client, cloud, say);
  await scopes(client, cloud, say);
});
