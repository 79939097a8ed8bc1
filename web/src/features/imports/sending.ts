import { ApiError, isPassing } from '~/api/problem';
import type { Import } from '~/api/types';
import { sendPart } from './queries';

/** Bytes of one part: what any request may carry. */
export const PART = 1 << 20;
/** How often a part is tried when the server does not answer, and how long is waited before. */
const TRIES = 5;
const PAUSE_MS = 1000;

/** What a file is: Zendesk's export is JSON, anything else a table. */
export function kindOf({ name }: File): 'csv' | 'zendesk' {
  return /\.(json|jsonl|ndjson)$/i.test(name) ? 'zendesk' : 'csv';
}

/**
 * Sends what the server does not have of a file, part by part. A part that is lost is sent again, so that a line that
 * comes and goes costs no more than that; whoever is too fast waits as they are told. `onSent` hears how far it is; `signal` ends it.
 */
export async function sendFile(
  file: Blob,
  begun: Import,
  onSent: (now: Import) => void,
  signal: AbortSignal,
): Promise<Import> {
  let now = begun;
  while (now.state === 'uploading' && !signal.aborted) {
    const part = file.slice(now.received, now.received + PART);
    now = await patiently(() => sendPart(now, now.received, part), signal);
    onSent(now);
  }
  return now;
}

async function patiently<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let tries = 1;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (signal.aborted) throw error;
      const told = whenToGoOn(error);
      if (told === null && (!isPassing(error) || tries >= TRIES)) throw error;
      await new Promise((resolve) => setTimeout(resolve, told ?? PAUSE_MS * tries));
      if (told === null) tries += 1;
    }
  }
}

/** The pause that whoever sends too fast is told, in milliseconds: no trouble, however often it comes. */
function whenToGoOn(error: unknown): number | null {
  const isTooFast = error instanceof ApiError && error.status === 429;
  return isTooFast && error.retryAfter !== null ? error.retryAfter * 1000 : null;
}
