import { ActionIcon, Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconX } from '~/ui/icons';
import { SnoozeDate } from '../snooze/SnoozeDate';
import { CloseReason } from '../tickets/CloseReason';
import { AssignAll } from './AssignAll';
import classes from './Bulk.module.css';
import { CategoryAll, PriorityAll, SnoozeAll, StatusAll, TeamAll } from './BulkMenus';
import { BulkTags } from './BulkTags';
import { MOST } from './select';
import type { Change } from './useBulk';
import type { Selection } from './useSelection';

type Props = {
  selection: Selection;
  /** How many tickets of the list are loaded. */
  loaded: number;
  pending: boolean;
  onChange: (change: Change) => void;
};

/** In the place of the list's heading while rows are selected: how many, and what to do with them. */
export function BulkBar({ selection, loaded, pending, onChange }: Props) {
  const { t } = useTranslation('desk');
  const [asked, setAsked] = useState<'reason' | 'tags' | 'date' | null>(null);
  const count = selection.ids.size;
  const close = () => setAsked(null);
  const menu = { pending, onChange };
  return (
    <section className={classes.bar} aria-label={t('bulk.label')}>
      <div className={classes.said}>
        <strong role="status">{t('bulk.selected', { count })}</strong>
        {count < Math.min(loaded, MOST) && (
          <Button size="compact-xs" variant="subtle" onClick={selection.all}>
            {t('bulk.all', { count: Math.min(loaded, MOST) })}
          </Button>
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          ms="auto"
          aria-label={t('bulk.clear')}
          onClick={selection.clear}
        >
          <IconX size={18} />
        </ActionIcon>
      </div>
      <div className={classes.menus}>
        <StatusAll {...menu} onReason={() => setAsked('reason')} />
        <AssignAll {...menu} />
        <TeamAll {...menu} />
        <PriorityAll {...menu} />
        <Button
          size="compact-sm"
          variant="default"
          disabled={pending}
          onClick={() => setAsked('tags')}
        >
          {t('bulk.tags')}
        </Button>
        <CategoryAll {...menu} />
        <SnoozeAll {...menu} onDate={() => setAsked('date')} />
      </div>
      {asked === 'tags' && <BulkTags count={count} onChange={onChange} onClose={close} />}
      {asked === 'reason' && (
        <CloseReason
          title={t('bulk.close_title', { count })}
          text={t('bulk.close_text')}
          submit={t('bulk.close_submit', { count })}
          onReason={(reason) => onChange({ action: 'status', status: 'closed', reason })}
          onClose={close}
        />
      )}
      {asked === 'date' && (
        <SnoozeDate onUntil={(until) => onChange({ action: 'snooze', until })} onClose={close} />
      )}
    </section>
  );
}
