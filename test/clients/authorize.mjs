// How an application gets its keys: the README's snippets, as functions of what differs between tests.
//
// `ask` makes the request: nothing for the whole grant, narrowed for the SDK's scope mode. `seen` is told each answer.

export const wholeGrant = () => undefined;
export const narrowed = (options) => options.Scope;

/** For pages and for Node. */
export const withFetch = ({ url, loginToken, ask = wholeGrant, seen = () => {} }) => async (options, callback) => {
  const body = ask(options);
  try {
    const answer = await fetch(url, {
      headers: { Authorization: `Bearer ${await loginToken()}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    const data = await answer.json();
    seen({ status: answer.status, data, options });
    if (!answer.ok) throw new Error(`${data.codeDesc}: ${data.message}`);
    callback(toSDK(data, Array.isArray(body)));
  } catch (error) {
    seen({ error });
    callback({}); // always call back: without it the upload would hang for ever
  }
};

/** For Mini Programs: wx.request calls success for every status. */
export const withWx = ({ url, loginToken, ask = wholeGrant, seen = () => {} }) => (options, callback) => {
  const body = ask(options);
  wx.request({
    url, method: body ? 'POST' : 'GET', data: body && JSON.stringify(body),
    header: { Authorization: `Bearer ${loginToken()}` },
    success({ statusCode, data }) {
      seen({ status: statusCode, data, options });
      callback(statusCode === 200 ? toSDK(data, Array.isArray(body)) : {});
    },
    fail(error) {
      seen({ error });
      callback({});
    },
  });
};

/** The function's answer as the SDKs for JavaScript read it. */
export function toSDK({ credentials: c, startTime, expiredTime }, scoped = false) {
  return {
    TmpSecretId: c.tmpSecretId, TmpSecretKey: c.tmpSecretKey, SecurityToken: c.sessionToken,
    StartTime: startTime, ExpiredTime: expiredTime, ...(scoped && { ScopeLimit: true }),
  };
}
