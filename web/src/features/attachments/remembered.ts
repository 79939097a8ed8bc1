import type { PreviousUpload, UrlStorage } from 'tus-js-client';
import { onForget } from './rows';

/** Where the addresses of uploads that were begun are kept, so that they go on after the page was loaded anew. */
const STORED = 'hd-uploads';
/** The server keeps what was begun for so long. */
const KEPT_MS = 24 * 3_600_000;

/** Where this tab keeps what is called how: a page that is loaded anew says so, and nothing of it outlives the tab. */
const NAMED = 'hd-upload-names';

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
    const { [fingerprint]: _named, ...names } = readNames();
    writeNames(names);
  },
};

/** What a file that is being sent is called, how large it is, whose, and what for. */
export type Named = { name: string; size: number; person: number; place: string };

/** Keeps what a file is called for this tab. */
export function nameUpload(fingerprint: string, named: Named): void {
  writeNames({ ...readNames(), [fingerprint]: named });
}

/** The uploads of this tab that were begun and are not done, with where the server has them. */
export function unfinishedUploads(
  place: string,
  person: number,
): (Named & { fingerprint: string; url: string })[] {
  const begun = read();
  return Object.entries(readNames()).flatMap(([fingerprint, named]) => {
    const url = begun[fingerprint]?.url;
    const isIt = url !== undefined && named.place === place && named.person === person;
    return isIt ? [{ ...named, fingerprint, url }] : [];
  });
}

// Somebody else may sit down at this screen.
onForget(() => writeNames({}));

function readNames(): Record<string, Named> {
  try {
    return JSON.parse(sessionStorage.getItem(NAMED) ?? '{}') as Record<string, Named>;
  } catch {
    return {};
  }
}

function writeNames(names: Record<string, Named>): void {
  try {
    if (Object.keys(names).length > 0) sessionStorage.setItem(NAMED, JSON.stringify(names));
    else sessionStorage.removeItem(NAMED);
  } catch {
    // Without it the file goes on all the same when it is chosen again.
  }
}

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
