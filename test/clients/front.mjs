// The front end that every journey uses: function/client, sealed. Its random bytes are known here, so that a journey can
// look into the answers that it got; nobody else can.
import { ascii, open } from '../../function/client/hpke.mjs';
import { equal } from './check.mjs';

const info = ascii('cos-credentials sealed answer 1');

/** Logs in. `claims` replace the usual ones. */
export async function logIn(cloud, user, claims) {
  const answer = await fetch(cloud.loginUrl, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ user, claims }),
  });
  equal(`${user} logs in`, answer.status, 200);
  return (await answer.json()).token;
}

/**
 * A client of the function, and `ask`, which asks it for what the client doesn't: a resource with a body of one's own,
 * sealed to the same pair. `answers` gets each answer: {status, data, asked, text}; text is as it came, data is opened.
 * With `tamper` somebody sits between the two, who changes a question's URL or an answer's text.
 */
export function frontEnd(client, cloud, token, answers, { tamper = {}, ...options } = {}) {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  let sealTo;
  const seen = ({ url, asked, status, text }) => {
    sealTo = new URL(url).searchParams.get('sealTo');
    answers.push({ status, text, asked: JSON.parse(asked), data: opened(secret, text) });
  };
  const transport = client.transport({ url: (url) => url, text: (text) => text, ...tamper }, seen);
  const api = client.createClient({ url: cloud.credentialsUrl, token, randomBytes: () => secret, ...transport, ...options });
  const ask = async (resource, body) => {
    if (!sealTo) await api.get();
    const answer = await fetch(`${cloud.credentialsUrl.replace('credentials', resource)}?sealTo=${sealTo}`, {
      method: 'POST', body: JSON.stringify(body),
      headers: { Authorization: `Bearer ${await token()}`, 'Content-Type': 'application/json' },
    });
    return { status: answer.status, data: opened(secret, await answer.text()) };
  };
  return { api, ask };
}

/** The answer inside a sealed one, or nothing if it is for another; an error, which stays in clear, as it is. */
function opened(secret, text) {
  const answer = JSON.parse(text);
  if (!answer.sealed) return answer;
  const sealed = atob(answer.sealed.replaceAll('-', '+').replaceAll('_', '/'));
  try {
    return JSON.parse(new TextDecoder().decode(open(secret, Uint8Array.from(sealed, (c) => c.charCodeAt(0)), info)));
  } catch {
    return undefined;
  }
}

/** The client's transport in pages and Node. */
export const byFetch = (tamper, seen) => ({
  fetch: async (url, options) => {
    if (typeof options.body !== 'string') return fetch(url, options); // an upload to COS
    const answer = await fetch(tamper.url(url), options);
    const { status, headers } = answer;
    const text = tamper.text(await answer.text());
    seen({ url, asked: options.body, status, text });
    return new Response(text, { status, headers });
  },
});

/** And in Mini Programs. */
export const byRequest = (wx) => (tamper, seen) => ({
  request: (options) => wx.request({
    ...options,
    url: tamper.url(options.url),
    success(answer) {
      const text = tamper.text(answer.data);
      seen({ url: options.url, asked: options.data, status: answer.statusCode, text });
      options.success({ ...answer, data: text });
    },
  }),
});

/** The function's answer as the SDKs for JavaScript read it. */
export const toSDK = ({ credentials: c, startTime, expiredTime }) => ({
  TmpSecretId: c.tmpSecretId, TmpSecretKey: c.tmpSecretKey, SecurityToken: c.sessionToken,
  StartTime: startTime, ExpiredTime: expiredTime,
});
