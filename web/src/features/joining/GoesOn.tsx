import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import classes from './GoesOn.module.css';

/** Where a ticket goes on, and what it goes on from. `undo` stands beside a merge that can be undone. */
export function GoesOn({ ticket, undo }: { ticket: Ticket; undo?: ReactNode }) {
  const { t } = useTranslation('joining');
  const lines = [
    { kind: 'merged' as const, other: ticket.survivor, action: undo },
    { kind: 'follow_up' as const, other: ticket.follow_up },
    { kind: 'predecessor' as const, other: ticket.predecessor },
  ].filter(({ other }) => other);
  if (lines.length === 0) return null;
  return (
    <ul className={classes.lines} aria-label={t('goes_on.label')}>
      {lines.map(({ kind, other, action }) => (
        <li key={kind} className={classes.line}>
          <span>{t(`goes_on.${kind}`)}</span>
          <Link to="/tickets/$number" params={{ number: other?.ticket_number ?? '' }}>
            {t(`goes_on.${kind}_link`, { number: other?.ticket_number })}
          </Link>
          {action}
        </li>
      ))}
    </ul>
  );
}
