// An authenticator app (RFC 6238), and what each account of a test run can prove itself with.
import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { note } from './issued.mjs';

const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Per address: the secret of its app, the last step that was used, and its recovery codes. */
const apps = new Map();

/** Keeps what an account got when its app was connected. `used`: the step of the first code. */
export function remember(email, { secret, codes = [], used = 0 }) {
  apps.set(email, { secret: secret.replace(/\s/g, ''), codes: [...codes], used });
  note('secret', secret.replace(/\s/g, ''));
  note('recovery_codes', codes);
}

/** Whether an account has an app. */
export const hasApp = (email) => apps.has(email);

/** The step of now. */
export const stepNow = () => Math.floor(Date.now() / STEP_MS);

/** A code of a secret at a step. */
export function codeAt(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', bytesOf(secret.replace(/\s/g, '')))
    .update(counter)
    .digest();
  const at = hash[hash.length - 1] & 15;
  const number = (hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, '0');
}

/**
 * A code that the server has not seen: each is good once, and one step to either side of now is
 * accepted. When all three are used up, the next step is waited for.
 */
export async function freshCode(email) {
  const app = apps.get(email);
  if (!app) throw new Error(`${email} has no authenticator app`);
  for (;;) {
    const step = Math.max(app.used + 1, stepNow() - 1);
    if (step <= stepNow() + 1) {
      app.used = step;
      return codeAt(app.secret, step);
    }
    await pause(500);
  }
}

/** One of an account's recovery codes; it is used up then. */
export function recoveryCode(email) {
  const code = apps.get(email)?.codes.shift();
  if (!code) throw new Error(`${email} has no recovery code left`);
  return code;
}

/** A proof at once: a recovery code while there is one, so that no test waits for a clock. */
export async function proof(email) {
  if (apps.get(email)?.codes.length > 0) return { recovery_code: recoveryCode(email) };
  return { code: await freshCode(email) };
}

/** Base32 (RFC 4648) without padding. */
function bytesOf(text) {
  let bits = '';
  for (const char of text.replace(/=+$/, '')) {
    bits += ALPHABET.indexOf(char).toString(2).padStart(5, '0');
  }
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}
