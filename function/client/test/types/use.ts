// Uses of the types that must compile under strict, and, after @ts-expect-error, ones that must not.
import COS from 'cos-js-sdk-v5';
import { CredentialsError, createClient, type Client, type Options } from 'cos-credentials-client';

declare const wxRequest: (options: { url: string; success: (answer: { statusCode: number }) => void }) => {
  abort(): void;
};

const options: Options = {
  url: 'https://api.example.com',
  token: async () => 'token',
  relogin: async (why) => {
    console.log(why.codeDesc);
  },
  storage: sessionStorage,
  fetch,
  request: wxRequest,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  grant: 'own-files',
  pick: 'team',
  seal: true,
  timeout: 5000,
};
const client: Client = createClient(options);
const { getAuthorization, getScopedAuthorization, explain } = client; // none of them needs `this`
new COS({ getAuthorization });
new COS({ getAuthorization: getScopedAuthorization });

export async function uses() {
  const { bucket, region, prefix, headers, credentials, domain } = await client.get();
  const { links } = await client.links([`${prefix}a.jpg`], { expires: 600, process: 'imageMogr2/thumbnail/200x' });
  const key: string = await client.upload(await client.form('a.jpg', { contentType: 'image/jpeg' }), new Blob());
  try {
    await client.get();
  } catch (error) {
    if (error instanceof CredentialsError && error.code === 42900) console.log(error.retryAfter, error.requestId);
    console.log(explain(error).message);
  }
  client.forget();
  // An S3 client's credentials, one to one.
  const s3 = {
    accessKeyId: credentials.tmpSecretId,
    secretAccessKey: credentials.tmpSecretKey,
    sessionToken: credentials.sessionToken,
  };
  return [bucket, region, headers['x-cos-forbid-overwrite'], domain, links[0].url, key, s3];
}

// @ts-expect-error: a token is needed
createClient({ url: 'https://api.example.com' });
// @ts-expect-error: it is a function, so that another user's token is seen
createClient({ url: 'https://api.example.com', token: 'token' });
// @ts-expect-error: no such option
createClient({ url: 'https://api.example.com', token: () => '', sealed: true });
// @ts-expect-error: keys are a list
client.links('a.jpg');
