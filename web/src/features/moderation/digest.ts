/** Bytes of a file that can be sent at all, the same as the server's. Nothing larger needs to be refused. */
export const MOST_BYTES = 100 * 1024 * 1024;

/** A SHA-256 as it is kept: small letters, without what comes along when it is copied. Null where it is none. */
export function hashOf(typed: string): string | null {
  const plain = typed.replace(/\s/g, '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(plain) ? plain : null;
}

/** Whether this browser computes hashes: it does on pages that came over a safe connection. */
export function canCompute(): boolean {
  return typeof globalThis.crypto?.subtle?.digest === 'function';
}

/** The SHA-256 of a file. It is computed here, and nothing is sent. */
export async function sha256Of(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** As much of a hash as tells it from others. */
export function shortHash(sha256: string): string {
  return `${sha256.slice(0, 12)}…`;
}
