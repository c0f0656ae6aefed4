// Opens what was sealed to our key by HPKE (RFC 9180): base mode, one message; DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
// ChaCha20-Poly1305. The primitives are @stablelib's, which need neither WebCrypto nor BigInt.
import { ChaCha20Poly1305 } from '@stablelib/chacha20poly1305';
import { hmac } from '@stablelib/hmac';
import { SHA256 } from '@stablelib/sha256';
import { scalarMultBase, sharedKey } from '@stablelib/x25519';

export const ascii = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const concat = (...parts) => Uint8Array.from([].concat(...parts.map((part) => Array.from(part))));
const none = new Uint8Array(0);
const kem = concat(ascii('KEM'), [0, 0x20]);
const suite = concat(ascii('HPKE'), [0, 0x20, 0, 1, 0, 3]); // the ids of KEM, KDF and AEAD

// Section 4. Nothing here is longer than a digest: HKDF-Expand (RFC 5869 section 2.3) is its first block.
const extract = (id, salt, label, key) => hmac(SHA256, salt, concat(ascii('HPKE-v1'), id, ascii(label), key));
const expand = (id, key, label, info, length) =>
  hmac(SHA256, key, concat([0, length], ascii('HPKE-v1'), id, ascii(label), info, [1])).subarray(0, length);

/** The plaintext of `sealed` (enc ‖ ciphertext); an error if it was sealed to another key or has been changed. */
export function open(secret, sealed, info, aad = none) {
  if (sealed.length < 32 + 16) throw new Error('it is too short');
  const [enc, ciphertext] = [sealed.subarray(0, 32), sealed.subarray(32)];
  // Section 4.1, Decap. A point of low order is an error.
  const prk = extract(kem, none, 'eae_prk', sharedKey(secret, enc, true));
  const shared = expand(kem, prk, 'shared_secret', concat(enc, scalarMultBase(secret)), 32);
  // Section 5.1, KeySchedule: base mode is 0 and has no psk. The first message's nonce is base_nonce itself.
  const context = concat([0], extract(suite, none, 'psk_id_hash', none), extract(suite, none, 'info_hash', info));
  const scheduled = extract(suite, shared, 'secret', none);
  const key = expand(suite, scheduled, 'key', context, 32);
  const nonce = expand(suite, scheduled, 'base_nonce', context, 12);
  const plaintext = new ChaCha20Poly1305(key).open(nonce, ciphertext, aad);
  if (!plaintext) throw new Error('it was sealed to another key, or has been changed');
  return plaintext;
}
