import { useSyncExternalStore } from 'react';
import { currentPerson, subscribe as onSession } from '../session/session';
import { isHeld, type Row } from './row';
import type { Attachment } from './types';

/** What files are for: a reply or a note, a ticket itself, or a ticket that is being written. */
export type Place = `${number} ${'reply' | 'note' | 'own'}` | `new ${string}`;

const NONE: readonly Row[] = [];

/** By place, in memory: files go on being sent while somebody looks at another ticket. */
const places = new Map<Place, readonly Row[]>();
/** Files that were sent for a message, or came back to it, by their ids: they are no files of the ticket itself. */
const enclosed = new Set<number>();
const listeners = new Set<() => void>();
const forgetting = new Set<() => void>();

/** The ticket of a place, and what its files are for; null of what has no ticket yet. */
export function partsOf(place: Place): { ticketId: number; mode: 'reply' | 'note' | 'own' } | null {
  const [id, mode] = place.split(' ');
  if (id === 'new') return null;
  return { ticketId: Number(id), mode: mode as 'reply' | 'note' | 'own' };
}

export function rowsOf(place: Place): readonly Row[] {
  return places.get(place) ?? NONE;
}

/** All places with their files, in the order in which they were begun. */
export function everyRow(): { place: Place; row: Row }[] {
  return [...places].flatMap(([place, rows]) => rows.map((row) => ({ place, row })));
}

export function useRows(place: Place): readonly Row[] {
  return useSyncExternalStore(subscribe, () => rowsOf(place));
}

export function putRow(place: Place, row: Row): void {
  become(place, [...rowsOf(place), row]);
}

/** Changes a row, unless it was taken away meanwhile. */
export function changeRow(place: Place, key: string, change: Partial<Row>): void {
  if (change.attachment) enclosed.add(change.attachment.id);
  become(
    place,
    rowsOf(place).map((row) => (row.key === key ? { ...row, ...change } : row)),
  );
}

export function dropRow(place: Place, key: string): void {
  become(
    place,
    rowsOf(place).filter((row) => row.key !== key),
  );
}

export function hasRow(place: Place, key: string): boolean {
  return rowsOf(place).some((row) => row.key === key);
}

export function isEnclosed(id: number): boolean {
  return enclosed.has(id);
}

/** Takes the files that are there, for the message that is sent with them. */
export function takeFiles(place: Place): Attachment[] {
  const rows = rowsOf(place);
  become(
    place,
    rows.filter(({ attachment }) => attachment === null),
  );
  return rows.flatMap(({ attachment }) => attachment ?? []);
}

/** Puts files back whose message could not be sent. */
export function giveFilesBack(place: Place, files: readonly Attachment[]): void {
  become(place, [...files.map(backOf), ...rowsOf(place)]);
}

function backOf(attachment: Attachment): Row {
  const { id, original_name: name, file_size: size } = attachment;
  const key = `back ${id}`;
  return { key, name, size, file: null, phase: 'there', sent: size, problem: null, attachment };
}

/**
 * Brings files that wait for their message to where it is written: those that were not in the hands of this page, which
 * was loaded anew, or stands on another machine. Says which. What has got its message elsewhere goes.
 */
export function bringBack(place: Place, files: readonly Attachment[]): Attachment[] {
  const { ticketId } = partsOf(place) ?? {};
  const here = (['reply', 'note'] as const).map((mode): Place => `${ticketId ?? 0} ${mode}`);
  const gone = new Set(files.filter((file) => file.message_id != null).map(({ id }) => id));
  for (const one of here) {
    const rows = rowsOf(one).filter(({ attachment }) => !gone.has(attachment?.id ?? 0));
    if (rows.length < rowsOf(one).length) become(one, rows);
  }
  // What is on its way may be among them already: the list and the answer to the sender cross.
  if (here.flatMap(rowsOf).some(isUnderway)) return [];
  const back = files.filter(({ id, awaits_message }) => awaits_message && !enclosed.has(id));
  if (back.length === 0) return [];
  for (const { id } of back) enclosed.add(id);
  become(place, [...rowsOf(place), ...back.map(backOf)]);
  return back;
}

function isUnderway({ phase }: Row): boolean {
  return phase !== 'there' && phase !== 'failed';
}

/** Files that were held for a ticket that is opened now. */
export function moveRows(from: Place, to: Place): void {
  const moved = rowsOf(from)
    .filter(({ phase }) => phase === 'held')
    .map((row): Row => ({ ...row, phase: 'waiting' }));
  become(to, [...rowsOf(to), ...moved]);
  become(from, NONE);
}

/** Forgets everything, when somebody else may sit down at this screen. */
export function forgetFiles(): void {
  places.clear();
  enclosed.clear();
  for (const work of forgetting) work();
  tell();
}

/** Has something done when everything is forgotten. */
export function onForget(work: () => void): void {
  forgetting.add(work);
}

function become(place: Place, rows: readonly Row[]): void {
  if (rows.length > 0) places.set(place, rows);
  else places.delete(place);
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}

let before = currentPerson();
onSession(() => {
  const now = currentPerson();
  if (before !== null && before !== now) forgetFiles();
  before = now;
});

window.addEventListener('beforeunload', (event) => {
  if (everyRow().some(({ row }) => isHeld(row))) event.preventDefault();
});
