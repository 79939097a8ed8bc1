import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { app, once, unwrap } from '~/api/client';
import type { BeginImport, ChangeImport, Import, TicketQuery } from '~/api/types';
import { saveFile } from '~/ui/saveFile';

const PATH = '/api/v1/imports';
/** While one is read it is looked at this often. */
const READING_MS = 1500;

export type Format = 'csv' | 'xlsx' | 'json';

/** Whether the file is read just now. */
export const isUnderWay = ({ state }: Import): boolean =>
  state === 'checking' || state === 'running';

/** Whether nothing comes after its state. */
export const isOver = ({ state }: Import): boolean =>
  state === 'finished' || state === 'cancelled' || state === 'failed';

/** The newest imports, looked at again and again while one of them is read. */
export const importList = queryOptions({
  queryKey: ['imports'],
  queryFn: ({ signal }) =>
    unwrap(app.GET(PATH, { params: { query: { sort: '-created_at', limit: 20 } }, signal })),
  staleTime: 0,
  refetchOnWindowFocus: true,
  refetchInterval: ({ state }) => (state.data?.data.some(isUnderWay) ? READING_MS : false),
});

/** What is wrong with which line of an import; the key says in which of its states it was read. */
export function importErrors({ id, state, started_at }: Import) {
  return infiniteQueryOptions({
    queryKey: ['imports', id, 'errors', state, started_at],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        app.GET(`${PATH}/{import}/errors`, {
          params: { path: { import: id }, query: { limit: 50, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  });
}

export function beginImport(body: BeginImport): Promise<Import> {
  return unwrap(app.POST(PATH, { body, headers: once(crypto.randomUUID()) }));
}

export function changeImport({ id }: Import, body: ChangeImport): Promise<Import> {
  return unwrap(app.PATCH(`${PATH}/{import}`, { params: { path: { import: id } }, body }));
}

export function runImport({ id }: Import, dry_run: boolean): Promise<Import> {
  const params = { path: { import: id } };
  return unwrap(app.POST(`${PATH}/{import}/run`, { params, body: { dry_run } }));
}

export function cancelImport({ id }: Import): Promise<Import> {
  return unwrap(app.POST(`${PATH}/{import}/cancel`, { params: { path: { import: id } } }));
}

/** Sends the part of a file that begins at that byte. */
export function sendPart({ id }: Import, offset: number, part: Blob): Promise<Import> {
  return unwrap(
    app.PUT(`${PATH}/{import}/file/{offset}`, {
      params: { path: { import: id, offset } },
      body: part as unknown as string,
      bodySerializer: (body: unknown) => body as Blob,
      headers: { 'Content-Type': 'application/octet-stream' },
    }),
  );
}

/** Hands over what was wrong with which line, as a table. */
export async function takeErrors({ id, file_name }: Import): Promise<void> {
  const params = { path: { import: id } };
  const table = await unwrap(
    app.GET(`${PATH}/{import}/errors/export`, { params, parseAs: 'blob' }),
  );
  saveFile(table as unknown as Blob, `${file_name}-errors.csv`);
}

/** Hands the tickets over that one sees, narrowed as a list is. */
export async function takeTickets(format: Format, query: TicketQuery): Promise<void> {
  const file = await unwrap(
    app.GET('/api/v1/tickets/export', { params: { query: { ...query, format } }, parseAs: 'blob' }),
  );
  saveFile(file as unknown as Blob, `tickets.${format}`);
}
