// HPKE, and the primitives under it, held to the RFC's vector, to this project's own, and to Wycheproof's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ChaCha20Poly1305 } from '@stablelib/chacha20poly1305';
import { hmac } from '@stablelib/hmac';
import { SHA256 } from '@stablelib/sha256';
import { scalarMult, scalarMultBase, sharedKey } from '@stablelib/x25519';
import { ascii, open } from '../hpke.mjs';
import { publicOf, seal } from './seal.mjs';

const bytes = (hexadecimal) => new Uint8Array(Buffer.from(hexadecimal, 'hex'));
const fromBase64url = (text) => new Uint8Array(Buffer.from(text, 'base64url'));
const hex = (from) => Buffer.from(from).toString('hex');
const sealInfo = ascii('cos-credentials sealed answer 1');

const rfc = {
  // RFC 9180 appendix A.2.1.1, sequence number 0
  info: bytes('4f6465206f6e2061204772656369616e2055726e'),
  secret: bytes('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb'),
  public: '4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a',
  sealed: bytes(
    '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a' +
      '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
  ),
  aad: ascii('Count-0'),
  plaintext: 'Beauty is truth, truth beauty',
};

const ours = {
  // as the function's own tests have it
  secret: Uint8Array.from({ length: 32 }, (_, i) => i),
  public: 'j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8',
  sealed: fromBase64url(
    'dT2kXvdF7cqSW3APAAuGLJZYX3x1ToxTG_JQ8F1_FiBGKmiOddLNxTfBvP3hjfaktQWan6AINtLUGditNxrh2h-6HigEFDOgHxEL' +
      'SDrr_1DtITfENyr13ZYJcDErQlG0o_vLGw7ZO7pkM2D8FdcNHXoPlbahc8elpIDhuQFRArvA9TGSIziDwXlupwdp644BYl4D6-SY' +
      'KDwEh6tCDRua4qOt0XmGfrWvhr6RaPllchhgw2hkFr8HrLy0oi6V0f8DmtztJBSaZXyGU5_JOhjl1x3XADKd',
  ),
  plaintext:
    '{"credentials":{"tmpSecretId":"AKIDexample","tmpSecretKey":"secret","sessionToken":"token"},' +
    '"startTime":1700000000,"expiredTime":1700001800,"prefix":"users/小明/"}',
};

test('the vector of RFC 9180, and every byte of it changed', () => {
  assert.equal(hex(scalarMultBase(rfc.secret)), rfc.public);
  assert.equal(Buffer.from(open(rfc.secret, rfc.sealed, rfc.info, rfc.aad)).toString(), rfc.plaintext);
  everyChangeIsRefused(rfc.sealed, (sealed) => open(rfc.secret, sealed, rfc.info, rfc.aad));
  everyChangeIsRefused(rfc.info, (info) => open(rfc.secret, rfc.sealed, info, rfc.aad));
  everyChangeIsRefused(rfc.aad, (aad) => open(rfc.secret, rfc.sealed, rfc.info, aad));
  assert.throws(() => open(rfc.secret, rfc.sealed, rfc.info), /another key/, 'without aad');
});

test("the contract's vector, and every byte of it changed", () => {
  assert.equal(Buffer.from(scalarMultBase(ours.secret)).toString('base64url'), ours.public);
  assert.equal(Buffer.from(open(ours.secret, ours.sealed, sealInfo)).toString(), ours.plaintext);
  everyChangeIsRefused(ours.sealed, (sealed) => open(ours.secret, sealed, sealInfo));
  for (let length = 0; length < ours.sealed.length; length += 7) {
    assert.throws(() => open(ours.secret, ours.sealed.subarray(0, length), sealInfo), `cut off after ${length}`);
  }
  assert.throws(() => open(Uint8Array.from(randomBytes(32)), ours.sealed, sealInfo), /another key/);
});

test('a point of low order is refused', () => {
  for (const point of [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
  ]) {
    assert.throws(
      () => open(ours.secret, Uint8Array.from([...bytes(point), ...ours.sealed.subarray(32)]), sealInfo),
      point,
    );
  }
});

test("what Node's cryptography seals opens", () => {
  for (let length = 0; length < 300; length += 13) {
    const secret = randomBytes(32);
    const plaintext = 'é'.repeat(length);
    const sealed = fromBase64url(seal(publicOf(secret).toString('base64url'), plaintext));
    assert.equal(Buffer.from(open(new Uint8Array(secret), sealed, sealInfo)).toString(), plaintext);
  }
});

// The folder of Wycheproof's test vectors: the Go module github.com/C2SP/wycheproof brings it.
const wycheproof = process.env.WYCHEPROOF;
const skip = wycheproof ? false : 'WYCHEPROOF does not say where the vectors are';

test('Wycheproof: X25519', { skip }, () => {
  const counted = eachVector('x25519_test.json', (vector) => {
    const [secret, point] = [bytes(vector.private), bytes(vector.public)];
    assert.equal(hex(scalarMult(secret, point)), vector.shared);
    const zero = /^0+$/.test(vector.shared);
    const refused = attempt(() => sharedKey(secret, point, true)) === null;
    assert.equal(refused, zero, 'a shared secret of zeros is refused, and no other');
  });
  assert.ok(counted >= 500, `${counted} vectors`);
});

test('Wycheproof: ChaCha20-Poly1305', { skip }, () => {
  const counted = eachVector('chacha20_poly1305_test.json', (vector) => {
    const [nonce, plaintext, aad] = [bytes(vector.iv), bytes(vector.msg), bytes(vector.aad)];
    const sealed = Uint8Array.from([...bytes(vector.ct), ...bytes(vector.tag)]);
    const opened = attempt(() => new ChaCha20Poly1305(bytes(vector.key)).open(nonce, sealed, aad));
    if (vector.result !== 'valid') return assert.equal(opened, null);
    assert.equal(hex(opened), vector.msg);
    assert.equal(hex(new ChaCha20Poly1305(bytes(vector.key)).seal(nonce, plaintext, aad)), hex(sealed));
  });
  assert.ok(counted >= 300, `${counted} vectors`);
});

test('Wycheproof: HMAC-SHA256', { skip }, () => {
  const counted = eachVector('hmac_sha256_test.json', (vector, { tagSize }) => {
    const tag = hex(hmac(SHA256, bytes(vector.key), bytes(vector.msg)).subarray(0, tagSize / 8));
    assert.equal(tag === vector.tag, vector.result === 'valid');
  });
  assert.ok(counted >= 170, `${counted} vectors`);
});

function eachVector(file, hold) {
  const { testGroups } = JSON.parse(readFileSync(`${wycheproof}/${file}`, 'utf8'));
  let counted = 0;
  for (const group of testGroups) {
    for (const vector of group.tests) {
      counted += 1;
      try {
        hold(vector, group);
      } catch (error) {
        throw new Error(`${file} ${vector.tcId} (${vector.comment}): ${error.message}`);
      }
    }
  }
  return counted;
}

function everyChangeIsRefused(good, use) {
  good.forEach((_, i) => {
    for (const bit of [1, 0x80]) {
      const changed = Uint8Array.from(good);
      changed[i] ^= bit;
      // X25519 masks the highest bit of a point (RFC 7748 section 5), but the point's bytes are in what is derived.
      assert.throws(() => use(changed), `byte ${i} changed`);
    }
  });
}

function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
