// A stand-in for the function that plays faults: it speaks the contract over HTTP, checks no token, and calls no STS.
import http from 'node:http';
import { once } from 'node:events';
import { seal } from './seal.mjs';

const clock = Date.now; // the real one, whatever a test makes of Date.now

/** A login's token, as far as a client looks into one. */
export function tokenOf(sub, more = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: 'https://login.example.com/', sub, exp: Math.floor(clock() / 1000) + 3600, ...more };
  return `${part({ alg: 'none' })}.${part(claims)}.c2ln`;
}

function subject(token) {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
  } catch {
    return token;
  }
}

/** Starts one. Each request meets the next of the faults; after the last all is good. */
export async function startFunction({ faults = [], seconds = 1800, plain = false } = {}) {
  const requests = [];
  const pending = [...faults];
  const server = http
    .createServer(async (incoming, response) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const at = new URL(incoming.url, 'http://localhost');
      const token = (incoming.headers.authorization || '').replace('Bearer ', '');
      const request = {
        token,
        resource: at.pathname.split('/').pop(),
        sealTo: at.searchParams.get('sealTo'),
        method: incoming.method,
        user: subject(token),
        body: JSON.parse(Buffer.concat(chunks) || '{}'),
      };
      requests.push(request);
      const answer = answers[request.resource](request, requests.length, seconds);
      const good = {
        request,
        answer,
        body: JSON.stringify(plain || !request.sealTo ? answer : sealed(request, answer)),
      };
      const fault = pending.shift();
      if (!fault || (await fault(response, good)) === 'good') send(response, 200, good.body);
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    requests,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/credentials`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const sealed = ({ sealTo }, answer) => ({
  sealed: seal(sealTo, JSON.stringify(answer)),
  requestId: answer.requestId,
});

const life = (seconds) => {
  const now = Math.floor(clock() / 1000);
  return { startTime: now - 60, expiredTime: now + seconds };
};

const answers = {
  credentials: ({ user, body }, n, seconds) => ({
    credentials: { tmpSecretId: `AKID-${user}-${n}`, tmpSecretKey: `secret-${user}`, sessionToken: `session-${user}` },
    ...life(seconds),
    requestId: `r-${n}`,
    bucket: 'examplebucket-1250000000',
    region: 'ap-guangzhou',
    prefix: `users/${user}/`,
    prefixes: body.scope ? body.scope.map((item) => item.prefix) : [`users/${user}/*`],
  }),
  links: ({ body }, n, seconds) => ({
    links: body.keys.map((key) => ({ key, url: `https://files.example.com/${key}?q-signature=${n}` })),
    ...life(seconds),
    requestId: `r-${n}`,
  }),
  'post-policy': ({ user, body }, n, seconds) => ({
    cosHost: 'examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com',
    bucket: 'examplebucket-1250000000',
    region: 'ap-guangzhou',
    key: `users/${user}/${n}.${body.filename.split('.').pop()}`,
    ...life(seconds),
    requestId: `r-${n}`,
    fields: {
      key: `users/${user}/${n}.png`,
      success_action_status: '200',
      policy: 'cG9saWN5',
      'q-signature': 'signed',
    },
  }),
};

export function send(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(body);
}

/** The function's own errors. */
export const refuse = (status, code, codeDesc, headers) => (response) =>
  send(
    response,
    status,
    JSON.stringify({ code, codeDesc, message: `says ${codeDesc}`, requestId: 'r-refused' }),
    headers,
  );
