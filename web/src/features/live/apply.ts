import type { QueryClient } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import { keys as notices } from '../notices/queries';
import { dropTicket, takeTicket } from '../tickets/cache';
import { keys } from '../tickets/keys';
import { type LiveEvent, type News, sumUp } from './events';

/** Short enough to feel immediate; long enough that one act's several events ask once. */
const GATHER_MS = 80;
/** Counts of tickets that this page never saw are asked for at most this often. */
const COUNTS_MS = 3000;

/** What one is told is written after the event that it tells of. */
const NOTICE_MS = 2000;

/** Brings events onto the page with as few questions as possible. */
export function applier(client: QueryClient, signal: AbortSignal) {
  let waiting: LiveEvent[] = [];
  let flushing: ReturnType<typeof setTimeout> | undefined;
  let counting: ReturnType<typeof setTimeout> | undefined;
  let telling: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener('abort', () => {
    clearTimeout(flushing);
    clearTimeout(counting);
    clearTimeout(telling);
  });

  function flush(): void {
    flushing = undefined;
    const news = sumUp(waiting);
    waiting = [];
    if (news === 'all') catchUp();
    else for (const one of news) void apply(one);
    // No event says that one was told something: each may have.
    telling ??= setTimeout(() => {
      telling = undefined;
      void client.invalidateQueries({ queryKey: notices.all });
    }, NOTICE_MS);
  }
  async function apply(news: News): Promise<void> {
    if (!(await applyOne(client, news))) recount();
  }
  function recount(): void {
    if (signal.aborted) return;
    counting ??= setTimeout(() => {
      counting = undefined;
      void client.invalidateQueries({ queryKey: keys.counts });
    }, COUNTS_MS);
  }
  /** Whatever is shown is asked for again; the rest when it is looked at. */
  function catchUp(): void {
    void client.invalidateQueries({ queryKey: ['tickets'] });
    void client.invalidateQueries({ queryKey: keys.agents });
  }
  return {
    catchUp,
    take(event: LiveEvent): void {
      if (event.kind === 'presence') {
        // Only whoever looks at that ticket asks who is there.
        if (event.ticketId !== null) {
          void client.invalidateQueries({ queryKey: keys.presence(event.ticketId) });
        }
        return;
      }
      waiting.push(event);
      flushing ??= setTimeout(flush, GATHER_MS);
    },
  };
}

/** Brings one ticket up to date; says whether the counts are right afterwards. */
async function applyOne(client: QueryClient, news: News): Promise<boolean> {
  if (news.hidden) {
    dropTicket(client, news.id, news.number);
    return true;
  }
  // Only an open conversation is loaded again at once; others are when they are opened.
  if (news.said) void client.invalidateQueries({ queryKey: keys.messages(news.id) });
  void client.invalidateQueries({ queryKey: keys.history(news.id) });
  void client.invalidateQueries({ queryKey: keys.links(news.id) });
  void client.invalidateQueries({ queryKey: ['csat', 'list', news.id] });
  void client.invalidateQueries({ queryKey: keys.agents, refetchType: 'none' });
  try {
    const ticket = await unwrap(
      app.GET('/api/v1/tickets/{ticket}', { params: { path: { ticket: news.number } } }),
    );
    return takeTicket(client, ticket, news.isNew);
  } catch (problem) {
    if (problem instanceof ApiError && [403, 404].includes(problem.status)) {
      dropTicket(client, news.id, news.number);
      return true;
    }
    // It could not be asked; the lists know when they can be.
    void client.invalidateQueries({ queryKey: keys.lists });
    return false;
  }
}
