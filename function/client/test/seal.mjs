// The other side of a sealed answer, HPKE's SealBase (RFC 9180), with Node's own cryptography: it shares no code with
// the client.
import {
  createCipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
} from 'node:crypto';

const info = Buffer.from('cos-credentials sealed answer 1');
const kem = Buffer.from('4b454d0020', 'hex');
const suite = Buffer.from('48504b45002000010003', 'hex');

const hmac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
const extract = (id, salt, label, key) => hmac(salt, Buffer.from('HPKE-v1'), id, Buffer.from(label), key);
const expand = (id, key, label, context, length) =>
  hmac(
    key,
    Buffer.from([0, length]),
    Buffer.from('HPKE-v1'),
    id,
    Buffer.from(label),
    context,
    Buffer.from([1]),
  ).subarray(0, length);

const asPublicKey = (raw) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: raw.toString('base64url') }, format: 'jwk' });
const rawOf = (key) => Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x, 'base64url');

/** enc ‖ ciphertext, in base64url. */
export function seal(sealTo, plaintext) {
  const recipient = Buffer.from(sealTo, 'base64url');
  const { privateKey } = generateKeyPairSync('x25519');
  const enc = rawOf(privateKey);
  const dh = diffieHellman({ privateKey, publicKey: asPublicKey(recipient) });
  const none = Buffer.alloc(0);
  const shared = expand(kem, extract(kem, none, 'eae_prk', dh), 'shared_secret', Buffer.concat([enc, recipient]), 32);
  const context = Buffer.concat([
    Buffer.from([0]),
    extract(suite, none, 'psk_id_hash', none),
    extract(suite, none, 'info_hash', info),
  ]);
  const secret = extract(suite, shared, 'secret', none);
  const cipher = createCipheriv(
    'chacha20-poly1305',
    expand(suite, secret, 'key', context, 32),
    expand(suite, secret, 'base_nonce', context, 12),
    { authTagLength: 16 },
  );
  return Buffer.concat([enc, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

/** The public key of a raw secret one, by Node's own cryptography. */
export function publicOf(secret) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret]);
  return rawOf(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
}
