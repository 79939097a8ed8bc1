import { expect, test } from 'vitest';
import { bytesOf, creationOptions, credentialJson, requestOptions, textOf } from './webauthn';

const bytes = (...values: number[]) => Uint8Array.from(values);
const buffer = (...values: number[]) => bytes(...values).buffer;

test.each([
  ['', bytes()],
  ['AA', bytes(0)],
  ['-_8', bytes(0xfb, 0xff)],
  ['aGVsbG8', bytes(0x68, 0x65, 0x6c, 0x6c, 0x6f)],
])('"%s" and its bytes are two forms of one thing', (text, value) => {
  expect(bytesOf(text)).toEqual(value);
  expect(textOf(value)).toBe(text);
});

test('a part of a longer buffer is only that part', () => {
  expect(textOf(bytes(9, 0, 9).subarray(1, 2))).toBe('AA');
});

test('the options to make a passkey come with bytes, and everything else as it was', () => {
  const options = creationOptions({
    rp: { id: 'acme.test', name: 'Acme' },
    user: { id: 'AQI', name: 'lea@acme.test', displayName: 'Léa' },
    challenge: '-_8',
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    excludeCredentials: [{ type: 'public-key', id: 'Aw' }],
    extensions: { credProps: true },
  });
  expect(options).toEqual({
    rp: { id: 'acme.test', name: 'Acme' },
    user: { id: bytes(1, 2), name: 'lea@acme.test', displayName: 'Léa' },
    challenge: bytes(0xfb, 0xff),
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    excludeCredentials: [{ type: 'public-key', id: bytes(3) }],
    extensions: { credProps: true },
  });
});

test('the options to use one are read with and without their envelope', () => {
  const options = { challenge: 'AQ', allowCredentials: [{ type: 'public-key', id: 'Ag' }] };
  const read = {
    challenge: bytes(1),
    allowCredentials: [{ type: 'public-key', id: bytes(2) }],
  };
  expect(requestOptions(options)).toEqual(read);
  expect(requestOptions({ publicKey: options })).toEqual(read);
  expect(requestOptions({ challenge: 'AQ' })).toEqual({ challenge: bytes(1) });
});

const credential = (response: object) =>
  ({
    id: 'AQ',
    rawId: buffer(1),
    type: 'public-key',
    authenticatorAttachment: 'platform',
    getClientExtensionResults: () => ({ credProps: { rk: true } }),
    response,
  }) as unknown as PublicKeyCredential;

test('a passkey that was made goes to the server as text', () => {
  const json = credentialJson(
    credential({
      clientDataJSON: buffer(1),
      attestationObject: buffer(2),
      getTransports: () => ['internal'],
    }),
  );
  expect(json).toEqual({
    id: 'AQ',
    rawId: 'AQ',
    type: 'public-key',
    authenticatorAttachment: 'platform',
    clientExtensionResults: { credProps: { rk: true } },
    response: { clientDataJSON: 'AQ', attestationObject: 'Ag', transports: ['internal'] },
  });
});

test('a passkey that was used too, with its holder only where the browser names one', () => {
  const used = {
    clientDataJSON: buffer(1),
    authenticatorData: buffer(2),
    signature: buffer(3),
    userHandle: buffer(4),
  };
  const response = { clientDataJSON: 'AQ', authenticatorData: 'Ag', signature: 'Aw' };
  expect(credentialJson(credential(used)).response).toEqual({ ...response, userHandle: 'BA' });
  expect(credentialJson(credential({ ...used, userHandle: null })).response).toEqual(response);
});
