// A page whose tracing library adds headers of its own to every request, as Sentry's, OpenTelemetry's and axios' do. The browser
// asks for them in its preflight, and sends nothing at all if one of them is not allowed.
import { equal } from './check.mjs';

const id = 'd4cda95b652f4a1592b449d5929fda1b';
const libraries = {
  Sentry: { 'sentry-trace': `${id}-6e0c63257de34c92-1`, baggage: `sentry-environment=production,sentry-trace_id=${id}` },
  OpenTelemetry: { traceparent: `00-${id}-6e0c63257de34c92-01`, tracestate: 'vendor=1', baggage: 'user=1' },
  axios: { Accept: 'application/json, text/plain, */*', 'X-Requested-With': 'XMLHttpRequest', 'X-XSRF-TOKEN': 'a' },
};

// A public key, so that nothing here is answered in clear; nobody opens these answers.
const sealTo = 'j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8';

export async function tracing(client, cloud, say) {
  const login = await fetch(cloud.loginUrl, { method: 'POST', body: JSON.stringify({ user: 'alice' }) });
  const { token } = await login.json();
  for (const [name, headers] of Object.entries(libraries)) {
    const answer = await fetch(`${cloud.credentialsUrl}?sealTo=${sealTo}`, {
      method: 'POST',
      headers: { ...headers, Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: '{}',
    });
    equal(`${name}: status`, answer.status, 200);
    equal(`${name}: a key`, typeof (await answer.json()).sealed, 'string');
  }
  say(`tracing: pages with the headers of ${Object.keys(libraries).join(', ')} get their keys`);
}
