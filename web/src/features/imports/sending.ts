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
 * comes and goes costs no more than that. `onSent` hears how far it is; `signal` ends it.
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
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      const passes = error instanceof ApiError && isPassing(error);
      if (!passes || tries >= TRIES || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tries));
    }
  }
}
