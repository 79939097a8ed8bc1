import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import type { Selection } from '../bulk/useSelection';
import { useCommand } from '../console/commands';
import type { QueueSearch } from './narrowing';
import classes from './TicketList.module.css';
import { ROW_HEIGHT, TicketRow } from './TicketRow';

/** This many rows before the end, the next page is asked for. */
const AHEAD = 15;

type Props = {
  tickets: Ticket[];
  search: QueueSearch;
  selection: Selection;
  openNumber: string | null;
  scroll: RefObject<HTMLDivElement | null>;
  /** Asks for the next page; null when there is none. */
  more: (() => void) | null;
  loadingMore: boolean;
  /** It did not come: nobody asks again by themselves. */
  failed: boolean;
};

/** The rows themselves. Only those in sight exist, however long the list is. */
export function TicketRows(props: Props) {
  const { t } = useTranslation(['tickets', 'app']);
  const { tickets, more, loadingMore, scroll } = props;
  const failed = props.failed && !loadingMore;
  const rows = useVirtualizer({
    count: tickets.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    getItemKey: (index) => tickets[index]?.id ?? index,
  });
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !loadingMore && !failed && last >= tickets.length - AHEAD) more();
  }, [more, loadingMore, failed, last, tickets.length]);
  const above = useStillness(tickets, scroll);
  useMoves(props, (index) => rows.scrollToIndex(index, { align: 'auto' }));

  return (
    <>
      {above > 0 && (
        <div className={classes.pill}>
          <button type="button" onClick={() => scroll.current?.scrollTo({ top: 0 })}>
            {t('list.new_above', { count: above })} ↑
          </button>
        </div>
      )}
      <ul className={classes.rows} style={{ height: rows.getTotalSize() }}>
        {drawn.map(({ key, index, start }) => {
          const ticket = tickets[index];
          if (!ticket) return null;
          return (
            <li
              key={key}
              data-selected={props.selection.ids.has(ticket.id) || undefined}
              style={{ height: ROW_HEIGHT, transform: `translateY(${start}px)` }}
            >
              <Check ticket={ticket} selection={props.selection} />
              <TicketRow
                ticket={ticket}
                search={props.search}
                index={index}
                open={ticket.ticket_number === props.openNumber}
              />
            </li>
          );
        })}
      </ul>
      <p className={classes.end} role="status">
        {loadingMore ? t('list.more') : failed ? t('list.error') : more ? '' : t('list.end')}
      </p>
      {failed && more && (
        <Button fullWidth variant="subtle" onClick={more}>
          {t('app:retry')}
        </Button>
      )}
    </>
  );
}

/** Takes a row into the selection; with Shift, everything since the last one too. */
function Check({ ticket, selection }: { ticket: Ticket; selection: Selection }) {
  const { t } = useTranslation('queue');
  const { id, ticket_number: number } = ticket;
  return (
    <label className={classes.check}>
      <input
        type="checkbox"
        aria-label={t('views.select', { number })}
        checked={selection.ids.has(id)}
        onChange={(event) => {
          const { shiftKey } = event.nativeEvent as MouseEvent;
          if (shiftKey) selection.extend(id);
          else selection.toggle(id);
        }}
      />
    </label>
  );
}

/**
 * Keeps the rows under somebody's eyes still when new ones arrive above them, and counts those.
 * At the very top nothing is kept: there one wants to see the new ones come.
 */
function useStillness(tickets: Ticket[], scroll: RefObject<HTMLDivElement | null>): number {
  const [above, setAbove] = useState(0);
  const first = useRef(tickets[0]?.id);
  useLayoutEffect(() => {
    const element = scroll.current;
    const added = tickets.findIndex(({ id }) => id === first.current);
    first.current = tickets[0]?.id;
    if (!element || added <= 0 || element.scrollTop === 0) return;
    element.scrollTop += added * ROW_HEIGHT;
    setAbove((before) => before + added);
  }, [tickets, scroll]);
  useEffect(() => {
    const element = scroll.current;
    const atTop = () => element?.scrollTop === 0 && setAbove(0);
    element?.addEventListener('scroll', atTop, { passive: true });
    return () => element?.removeEventListener('scroll', atTop);
  }, [scroll]);
  return above;
}

/** J and K move the browser's own focus, so that Enter, screen readers and the eye agree on the row. */
function useMoves(
  { tickets, scroll, openNumber, selection }: Props,
  show: (index: number) => void,
): void {
  const at = useRef(-1);
  function move(step: 1 | -1) {
    const to = Math.min(Math.max(here() + step, 0), tickets.length - 1);
    at.current = to;
    show(to);
    // The row may have to be drawn first.
    requestAnimationFrame(() => requestAnimationFrame(() => focus(to)));
  }
  /** The row that the keyboard is at, be it on its link or on its box; else the one that is open. */
  function here(): number {
    const row = document.activeElement?.closest('li')?.querySelector<HTMLElement>('[data-index]');
    if (row?.dataset.index !== undefined) return Number(row.dataset.index);
    if (at.current >= 0) return at.current;
    return tickets.findIndex((ticket) => ticket.ticket_number === openNumber);
  }
  function select(how: 'toggle' | 'extend') {
    const ticket = tickets[here()];
    if (ticket) selection[how](ticket.id);
  }
  function focus(index: number) {
    scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
  }
  useCommand('next', () => move(1));
  useCommand('previous', () => move(-1));
  useCommand('select', () => select('toggle'));
  useCommand('select_range', () => select('extend'));
}
