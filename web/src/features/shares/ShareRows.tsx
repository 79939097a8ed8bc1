import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { More } from '~/ui/More';
import { Outstanding } from '~/ui/Outstanding';
import page from '~/ui/page.module.css';
import { shareList } from './queries';
import { ShareRow } from './ShareRow';
import classes from './Shares.module.css';

/** With whom a file is and was shared, and what was done about it just now. */
export function ShareRows(props: {
  file: number;
  said: string;
  onSaid: (said: string) => void;
  onRevoked: (id: number) => void;
  onAsking: (isAsking: boolean) => void;
}) {
  const { t } = useTranslation('files');
  const list = useInfiniteQuery(shareList(props.file));
  const status = useRef<HTMLParagraphElement>(null);
  const shares = list.data?.pages.flatMap((one) => one.data) ?? [];
  return (
    <section aria-labelledby="shares-heading">
      <h3 id="shares-heading" className={page.heading}>
        {t('list.title')}
      </h3>
      <p ref={status} role="status" tabIndex={-1} className={`${page.said} ${classes.said}`}>
        {props.said}
      </p>
      {!list.data && <Outstanding query={list} />}
      {list.data && shares.length === 0 && <p className={classes.none}>{t('list.none')}</p>}
      {shares.length > 0 && (
        <ul className={`${page.rows} ${classes.rows}`} aria-labelledby="shares-heading">
          {shares.map((share) => (
            <ShareRow
              key={share.id}
              share={share}
              onAsking={props.onAsking}
              onRevoked={(text) => {
                props.onSaid(text);
                props.onRevoked(share.id);
                // The button goes with what it did.
                status.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      <More list={list} ask={t('more')} failed={t('more_failed')} />
    </section>
  );
}
