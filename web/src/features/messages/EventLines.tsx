import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HistoryEntry } from '~/api/types';
import { IconChevronRight } from '~/ui/icons';
import { RelativeTime } from '~/ui/RelativeTime';
import classes from './EventLines.module.css';
import { FOLD_OVER } from './timeline';

/** Words of the machine's, which the sentence says already. */
const SAID = new Set(['merged', 'unmerged', 'split', 'follow_up']);

/** What happened between two messages: one quiet line each, many folded into one. */
export function EventLines(props: {
  events: HistoryEntry[];
  sentence: (event: HistoryEntry) => ReactNode;
}) {
  const { t } = useTranslation('messages');
  const [open, setOpen] = useState(false);
  if (props.events.length > FOLD_OVER && !open) {
    return (
      <button type="button" className={classes.fold} onClick={() => setOpen(true)}>
        <IconChevronRight size={14} aria-hidden="true" />
        {t('event.folded', { count: props.events.length })}
      </button>
    );
  }
  return (
    <ul className={classes.lines}>
      {props.events.map((event) => (
        <li key={event.id}>
          {props.sentence(event)} · <RelativeTime at={event.created_at} />
          {event.reason && !SAID.has(event.reason) && (
            <q className={classes.reason}>{event.reason}</q>
          )}
        </li>
      ))}
    </ul>
  );
}
