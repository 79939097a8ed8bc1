/** One line of the live stream. It says what changed, never the content: that is asked for anew. */
export type LiveEvent = {
  kind: 'ticket' | 'message' | 'hidden' | 'presence' | 'resync';
  ticketId: number | null;
  number: string | null;
  /** A ticket that was not there before. */
  isNew: boolean;
};

/** Reads an event of the stream; null for kinds that this version does not know. */
export function parseLive(kind: string | undefined, data: string): LiveEvent | null {
  const known = ['ticket', 'message', 'hidden', 'presence', 'resync'] as const;
  const name = known.find((one) => one === kind);
  if (!name) return null;
  try {
    const said = JSON.parse(data || '{}') as Record<string, unknown>;
    return {
      // A file is a part of what was said.
      kind: name === 'ticket' && /^Attach/.test(`${said.event}`) ? 'message' : name,
      ticketId: typeof said.ticket_id === 'number' ? said.ticket_id : null,
      number: typeof said.ticket_number === 'string' ? said.ticket_number : null,
      isNew: said.event === 'TicketCreated',
    };
  } catch {
    // What cannot be read may have been about anything.
    return { kind: 'resync', ticketId: null, number: null, isNew: false };
  }
}

/** What is to be asked anew about one ticket after some events. */
export type News = { id: number; number: string; isNew: boolean; hidden: boolean; said: boolean };

/** Above this many tickets at once, loading the lists again asks less than one call each. */
const MANY = 6;

/**
 * Sums up what a moment's events mean: the tickets to ask for, each once, or `all` when the stream
 * lost its thread or a bulk change made one call each too many.
 */
export function sumUp(events: LiveEvent[]): News[] | 'all' {
  const tickets = new Map<number, News>();
  for (const { kind, ticketId, number, isNew } of events) {
    if (kind === 'resync' || ticketId === null || number === null) return 'all';
    const news = tickets.get(ticketId);
    tickets.set(ticketId, {
      id: ticketId,
      number,
      isNew: isNew || (news?.isNew ?? false),
      // The last word counts: a ticket may leave one's sight and come back.
      hidden: kind === 'hidden',
      said: kind === 'message' || (news?.said ?? false),
    });
  }
  return tickets.size > MANY ? 'all' : [...tickets.values()];
}
