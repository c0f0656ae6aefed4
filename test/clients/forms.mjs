// The function's signed upload forms, sent by whatever sends forms: accepted as signed, refused with any change.
import { bytes, equal, sameBytes } from './check.mjs';
import { login } from './journey.mjs';

const picture = (size) => bytes(size, 17); // by name and type; COS doesn't look inside either

/** send({url, fields, file: {name, type, bytes}}) posts a form and tells {status, body}; the client reads what came of it. */
export async function forms(send, client, cloud, say) {
  const alice = await login(client, cloud, 'alice');
  const ask = (body) => alice.ask('post-policy', body);
  const signed = async (body) => {
    const { status, data } = await ask({ grant: 'own-pictures', ...body });
    equal(`a form for ${JSON.stringify(body)}`, [status, data.codeDesc], [200, undefined]);
    return data;
  };
  const post = async (form, { host = cloud.cosHost, fields = {}, size = 4000, type = 'image/png' } = {}) => {
    const all = { ...fieldsOf(form, type), ...fields };
    for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
    const { status, body } = await send({ url: `http://${host}/`, fields: all, file: { name: 'picture.png', type, bytes: picture(size) } });
    return { status, code: /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? '' };
  };

  const chosen = await signed({ filename: 'Holiday.PNG' });
  if (!/^users\/alice\/pictures\/.+\.png$/.test(chosen.key)) throw new Error(`the key chosen is ${chosen.key}`);
  const named = await signed({ key: 'users/alice/pictures/me.png', contentType: 'image/png' });
  for (const form of [chosen, named]) {
    equal('as signed', await post(form), { status: 200, code: '' });
    const { Body, headers } = await alice.do('getObject', { Key: form.key, ...client.wholeFile });
    sameBytes(form.key, await client.bytes(Body), picture(4000));
    equal('its type', headers['content-type'], 'image/png');
  }
  say('forms: for a chosen key and for a named one, accepted as signed');

  const form = await alice.api.form('client.png', { grant: 'own-pictures', contentType: 'image/png' });
  const file = client.formFile('client.png', picture(4000));
  equal('the client uploads', await alice.api.upload({ ...form, cosHost: cloud.cosHost }, file, 'http:'), form.key);
  sameBytes(form.key, await client.bytes((await alice.do('getObject', { Key: form.key, ...client.wholeFile })).Body), picture(4000));
  await alice.do('deleteObject', { Key: form.key });
  say('forms: uploaded by the client');

  const flip = (text, at) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  const longer = { ...JSON.parse(atob(named.policy)), expiration: '2099-01-01T00:00:00.000Z' };
  for (const [what, change, want] of [
    ['larger than signed', { size: (1 << 20) + 1 }, [400, 'EntityTooLarge']],
    ['of another type', { type: 'text/html' }, [403, 'AccessDenied']],
    ['of no type', { fields: { 'Content-Type': null } }, [403, 'AccessDenied']],
    ['under another key', { fields: { key: 'users/alice/pictures/you.png' } }, [403, 'AccessDenied']],
    ['under the neighbour\'s key', { fields: { key: 'users/alice2/pictures/me.png' } }, [403, 'AccessDenied']],
    ['after expiry', { host: cloud.cosLateHost }, [403, 'AccessDenied']],
    ['with one byte of the policy changed', { fields: { policy: flip(named.policy, 40) } }, [403, 'SignatureDoesNotMatch']],
    ['with a policy of one\'s own', { fields: { policy: btoa(JSON.stringify(longer)) } }, [403, 'SignatureDoesNotMatch']],
    ['with one byte of the signature changed', { fields: { 'q-signature': flip(named.qSignature, 5) } }, [403, 'SignatureDoesNotMatch']],
    ['with the token of another form', { fields: { 'x-cos-security-token': chosen.securityToken } }, [403, 'AccessDenied', 'InvalidAccessKeyId']],
    ['without the token', { fields: { 'x-cos-security-token': null } }, [403, 'AccessDenied', 'InvalidAccessKeyId']],
    ['without a signature', { fields: { policy: null, 'q-signature': null } }, [403, 'AccessDenied']],
  ]) {
    const { status, code } = await post(named, change);
    const [wanted, ...codes] = want;
    if (status !== wanted || !codes.includes(code)) throw new Error(`a form ${what}: got ${status} ${code}, want ${want.join(' ')}`);
  }
  say('forms: refused when larger, of another type, under another key, late, or with one byte changed');

  for (const [what, body, want] of [
    ['a key next door', { grant: 'own-pictures', key: 'users/alice2/pictures/a.png' }, 'ScopeNotAllowed'],
    ['a type that the grant does not take', { grant: 'own-pictures', filename: 'a.html', contentType: 'text/html' }, 'ScopeNotAllowed'],
    ['key and filename', { grant: 'own-pictures', filename: 'a.png', key: 'users/alice/pictures/a.png' }, 'InvalidRequest'],
  ]) {
    equal(`a form for ${what}`, (await ask(body)).data.codeDesc, want);
  }
  sameBytes('what the refused forms left', await client.bytes((await alice.do('getObject', { Key: named.key, ...client.wholeFile })).Body), picture(4000));
  for (const { key } of [chosen, named]) await alice.do('deleteObject', { Key: key });
  equal('left over', (await alice.do('getBucket', { Prefix: `${alice.folder}pictures/` })).Contents, []);
}

/** The fields as the README sends them; the file comes last. A test may ask for another type than the form pins. */
const fieldsOf = (form, type) => ({ ...form.fields, 'Content-Type': type });

/** Sends by wx.uploadFile. */
export const wxForm = (wx, write) => ({ url, fields, file }) =>
  new Promise((success, fail) => {
    wx.uploadFile({
      url, name: 'file', filePath: write(file.name, file.bytes), formData: fields,
      success: ({ statusCode, data }) => success({ status: statusCode, body: data }), fail,
    });
  });
