import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Initials } from '~/ui/Initials';
import { IconLock } from '~/ui/icons';
import { RelativeTime } from '~/ui/RelativeTime';
import classes from './Bubble.module.css';

export type Speaker = { name: string; person: { firstname: string; lastname: string } | null };
export type Side = 'theirs' | 'ours' | 'note' | 'system';

/** One thing that was said: theirs on the left, ours tinted on the right, notes amber all across. */
export function Bubble(props: {
  /** Where a link within the page leads. */
  id?: string;
  side: Side;
  speaker: Speaker;
  at: string;
  pending?: boolean;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation('messages');
  return (
    <article
      id={props.id}
      tabIndex={props.id ? -1 : undefined}
      className={classes.bubble}
      data-side={props.side}
      aria-busy={props.pending || undefined}
    >
      <Initials person={props.speaker.person} size={28} />
      <div className={classes.card}>
        <header className={classes.head}>
          {props.side === 'note' && <IconLock size={14} aria-hidden="true" />}
          <span className={classes.name}>{props.speaker.name}</span>
          {props.side === 'note' && (
            <span className={classes.label} title={t('note_hint')}>
              {t('note')}
            </span>
          )}
          {props.pending ? (
            <span className={classes.when}>{t('sending')}</span>
          ) : (
            <RelativeTime at={props.at} className={classes.when} />
          )}
          {props.actions}
        </header>
        {props.children}
      </div>
    </article>
  );
}
