import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Priority } from '~/api/types';
import { TagField } from '../tags/TagField';
import { RequesterField, type Somebody } from './RequesterField';
import type { Besides } from './TicketForm';
import { useKept } from './useBegun';

const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];

type Told = { requester: Somebody | null; priority: Priority | ''; tags: string[] };

const NOTHING: Told = { requester: null, priority: '', tags: [] };

/**
 * What staff tell of a new ticket besides: whom it is for, unless it is for the requester of the ticket
 * that it comes `from`; a priority that no rule changes any more; and tags.
 */
export function useStaffPart(from: string | undefined): Besides & { requester: Somebody | null } {
  const { t } = useTranslation(['opening', 'tickets']);
  const { begun, keep, forget } = useKept(`staff ${from ?? ''}`, NOTHING);
  const [{ requester, priority, tags }, setTold] = useState(begun);
  const [faults, setFaults] = useState<Record<string, string>>({});
  function tell(change: Partial<Told>) {
    keep(change);
    setTold((before) => ({ ...before, ...change }));
  }
  return {
    requester,
    fields: (
      <>
        {from === undefined && (
          <RequesterField
            label={t('requester')}
            description={t('requester_hint')}
            placeholder={t('requester_me')}
            value={requester}
            error={faults.user_id}
            onChange={(customer) => tell({ requester: customer })}
          />
        )}
        <NativeSelect
          label={t('priority')}
          value={priority}
          error={faults.priority}
          onChange={(event) => tell({ priority: event.currentTarget.value as Priority | '' })}
          data={[
            { value: '', label: t('priority_rules') },
            ...PRIORITIES.map((one) => ({ value: one, label: t(`tickets:priority.${one}`) })),
          ]}
        />
        <TagField
          label={t('tags')}
          value={tags}
          error={faults.tags}
          onChange={(words) => tell({ tags: words })}
        />
      </>
    ),
    body: () => ({
      ...(requester && { user_id: requester.id }),
      ...(priority && { priority }),
      ...(tags.length > 0 && { tags }),
    }),
    setFaults,
    forget,
  };
}
