import { app, unwrap } from '~/api/client';
import { ApiError, isPassing, unreachable } from '~/api/problem';
import { currentPerson } from '../session/session';
import { fingerprintOf, nameUpload } from './remembered';
import type { Row } from './row';
import { changeRow, everyRow, hasRow, onForget, type Place, partsOf, rowsOf } from './rows';
import { type Sending, sendFile } from './tus';

/** So many files are sent at once; a browser has six connections to a host. */
const MOST_AT_ONCE = 3;
/** How soon it is asked whether a file was checked, and how seldom at last. */
const CHECK_MS = 1500;
const SELDOM_MS = 15_000;

/** What is being sent, by the key of its row. */
const sending = new Map<string, Sending>();
/** What has failed at the server, which still has its beginning. */
const failed = new Map<string, Sending>();
const watched = new Set<string>();

onForget(() => {
  for (const { stop } of sending.values()) stop();
  sending.clear();
  failed.clear();
});

/** Sends what waits, as much at once as may be. */
export function pump(): void {
  for (const { place, row } of everyRow()) {
    if (sending.size >= MOST_AT_ONCE) return;
    if (row.phase === 'waiting' && row.file) void begin(place, row, row.file);
  }
}

/** Stops sending a file that is not wanted any more. */
export async function cancel(key: string): Promise<void> {
  const one = sending.get(key) ?? failed.get(key);
  sending.delete(key);
  failed.delete(key);
  pump();
  await one?.cancel();
}

async function begin(place: Place, { key }: Row, file: File): Promise<void> {
  const to = partsOf(place);
  if (!to) return;
  // It has its turn from here on, though its first bytes come later.
  let ended = false;
  const stop = () => {
    ended = true;
  };
  failed.delete(key);
  sending.set(key, { stop, cancel: async () => stop() });
  changeRow(place, key, { phase: 'sending', problem: null });
  const who = [window.location.host, currentPerson() ?? 0, to.ticketId, to.mode];
  const fingerprint = await fingerprintOf([...who, file.name, file.size, file.lastModified]);
  if (ended) return;
  nameUpload(fingerprint, {
    name: file.name,
    size: file.size,
    person: currentPerson() ?? 0,
    place,
  });
  const end = () => {
    sending.delete(key);
    pump();
  };
  const metadata = {
    filename: file.name,
    filetype: file.type,
    ticket_id: String(to.ticketId),
    ...(to.mode !== 'own' && { awaits_message: 'true' }),
  };
  const one = sendFile(
    { file, fingerprint, metadata },
    {
      onSent: (sent) => changeRow(place, key, { phase: 'sending', sent }),
      onWait: () => changeRow(place, key, { phase: 'paused' }),
      onDone: (id) => {
        end();
        if (to.mode === 'own') changeRow(place, key, { phase: 'there', sent: file.size });
        else void watch(place, key, id);
      },
      onFail: (problem) => {
        changeRow(place, key, { phase: 'failed', problem });
        if (problem.status >= 500) failed.set(key, one);
        end();
      },
    },
  );
  sending.set(key, one);
}

/** Looks after a file that has been sent, until it was checked or is not here any more. */
export async function watch(place: Place, key: string, id: number): Promise<void> {
  if (watched.has(key)) return;
  watched.add(key);
  for (let pause = CHECK_MS; hasRow(place, key); pause = Math.min(pause * 1.5, SELDOM_MS)) {
    try {
      const attachment = await unwrap(
        app.GET('/api/v1/attachments/{attachment}', { params: { path: { attachment: id } } }),
      );
      changeRow(place, key, { phase: 'there', attachment });
      if (attachment.scan_status !== 'pending') break;
    } catch (error) {
      if (!isPassing(error)) {
        const problem = error instanceof ApiError ? error : unreachable(error);
        changeRow(place, key, { phase: 'failed', problem, attachment: null });
        break;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  watched.delete(key);
}

/** Looks after files whose message came back. */
export function watchAgain(place: Place): void {
  for (const { key, attachment } of rowsOf(place)) {
    if (attachment) void watch(place, key, attachment.id);
  }
}
