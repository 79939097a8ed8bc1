import { queryOptions } from '@tanstack/react-query';
import { send } from '~/api/client';
import { problemOf } from '~/api/problem';
import { remembered, unfinishedUploads } from './remembered';

/** A file of which a part was sent before the page was loaded anew. */
export type Unfinished = {
  fingerprint: string;
  url: string;
  name: string;
  size: number;
  sent: number;
};

/** Files of a place that wait to be chosen again; `rows` are those that are in hand already. */
export function unfinishedFiles(place: string, person: number, rows: string) {
  return queryOptions({
    queryKey: ['unfinished', place, person, rows],
    queryFn: async (): Promise<Unfinished[]> => {
      const asked = unfinishedUploads(place, person).map(async (one) => {
        const sent = await sentOf(one.url);
        if (sent === null) await remembered.removeUpload(one.fingerprint);
        return sent === null ? [] : [{ ...one, sent }];
      });
      return (await Promise.all(asked)).flat();
    },
    // The server may still be busy with what came before the page went.
    retry: 3,
    retryDelay: 1500,
    staleTime: 0,
    gcTime: 0,
  });
}

/** Ends one at the server, and here. */
export async function endUpload({ fingerprint, url }: Unfinished): Promise<void> {
  await remembered.removeUpload(fingerprint);
  // What the server is not told of, it forgets by itself after a day.
  await ask('DELETE', url).catch(() => null);
}

/** How much of it the server has; null where there is nothing to go on with. */
async function sentOf(url: string): Promise<number | null> {
  const answer = await ask('HEAD', url);
  if ([404, 410].includes(answer.status) || answer.headers.has('Attachment-Id')) return null;
  if (!answer.ok) throw problemOf(null, answer);
  return Number(answer.headers.get('Upload-Offset') ?? 0);
}

function ask(method: string, url: string): Promise<Response> {
  const address = new URL(url, window.location.origin);
  return send(new Request(address, { method, headers: { 'Tus-Resumable': '1.0.0' } }));
}
