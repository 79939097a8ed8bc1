import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import { everything } from '~/api/everything';
import type { CannedReply, Filled, Macro, Ticket } from '~/api/types';

export const keys = {
  replies: ['canned-replies'] as const,
  macros: ['macros'] as const,
};

/** One's own canned replies and everybody's. */
export const replyList = queryOptions({
  queryKey: keys.replies,
  queryFn: ({ signal }): Promise<CannedReply[]> =>
    everything((query) => unwrap(app.GET('/api/v1/canned-replies', { params: { query }, signal }))),
  refetchOnWindowFocus: true,
});

/** One's own macros and everybody's. */
export const macroList = queryOptions({
  queryKey: keys.macros,
  queryFn: ({ signal }): Promise<Macro[]> =>
    everything((query) => unwrap(app.GET('/api/v1/macros', { params: { query }, signal }))),
  refetchOnWindowFocus: true,
});

/** Something to say or to do, as it is offered where one writes. */
export type Choice = { kind: 'reply'; of: CannedReply } | { kind: 'macro'; of: Macro };

export function idOf({ kind, of }: Choice): string {
  return `${kind}-${of.id}`;
}

/** What a choice would say and do to a ticket as it is now. */
export function filledFor(choice: Choice | null, ticket: Ticket) {
  const body = { ticket: ticket.id };
  return queryOptions({
    queryKey: [
      'filled',
      choice && idOf(choice),
      choice?.of.version,
      ticket.id,
      ticket.version,
    ] as const,
    queryFn: ({ signal }): Promise<Filled> =>
      choice?.kind === 'macro'
        ? unwrap(
            app.POST('/api/v1/macros/{macro}/preview', {
              params: { path: { macro: choice.of.id } },
              body,
              signal,
            }),
          )
        : unwrap(
            app.POST('/api/v1/canned-replies/{reply}/preview', {
              params: { path: { reply: choice?.of.id ?? 0 } },
              body,
              signal,
            }),
          ),
    enabled: choice !== null,
    gcTime: 60_000,
  });
}
