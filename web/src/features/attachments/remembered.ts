import type { PreviousUpload, UrlStorage } from 'tus-js-client';

/** Where the addresses of uploads that were begun are kept, so that they go on after the page was loaded anew. */
const STORED = 'hd-uploads';
/** The server keeps what was begun for so long. */
const KEPT_MS = 24 * 3_600_000;

type Entries = Record<string, { url: string; at: number }>;

/**
 * What a file is found again by: whose it is, what for, its name, length and date. Only a hash of it
 * is kept, since names of files are nobody else's business on a shared machine.
 */
export async function fingerprintOf(parts: readonly (string | number)[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The browser's own memory of uploads, as the protocol's client asks for it. */
export const remembered: UrlStorage = {
  findAllUploads: async () => [],
  findUploadsByFingerprint: async (fingerprint) => {
    const entry = read()[fingerprint];
    return entry ? [previous(fingerprint, entry)] : [];
  },
  addUpload: async (fingerprint, { uploadUrl }) => {
    if (uploadUrl) write({ ...read(), [fingerprint]: { url: uploadUrl, at: Date.now() } });
    return fingerprint;
  },
  removeUpload: async (fingerprint) => {
    const { [fingerprint]: _gone, ...others } = read();
    write(others);
  },
};

function previous(urlStorageKey: string, { url, at }: Entries[string]): PreviousUpload {
  const creationTime = new Date(at).toISOString();
  return {
    size: null,
    metadata: {},
    creationTime,
    urlStorageKey,
    uploadUrl: url,
    parallelUploadUrls: null,
  };
}

/** What the server may still have. */
function read(): Entries {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Entries;
    const now = Date.now();
    return Object.fromEntries(Object.entries(kept).filter(([, { at }]) => now - at < KEPT_MS));
  } catch {
    return {};
  }
}

function write(entries: Entries): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(entries));
  } catch {
    // A browser that stores nothing sends the file from its beginning next time.
  }
}
