import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Priority } from '~/api/types';
import { TagField } from '../tags/TagField';
import { RequesterField, type Somebody } from './RequesterField';
import type { Besides } from './TicketForm';

const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];

/**
 * What staff tell of a new ticket besides: whom it is for, when that is to be chosen; a priority that
 * no rule changes any more; and tags.
 */
export function useStaffPart(choosesRequester: boolean): Besides & { requester: Somebody | null } {
  const { t } = useTranslation(['opening', 'tickets']);
  const [priority, setPriority] = useState<Priority | ''>('');
  const [requester, setRequester] = useState<Somebody | null>(null);
  const [tags, setTags] = useState<string[]>([]);
  const [faults, setFaults] = useState<Record<string, string>>({});
  return {
    requester,
    fields: (
      <>
        {choosesRequester && (
          <RequesterField
            label={t('requester')}
            description={t('requester_hint')}
            placeholder={t('requester_me')}
            value={requester}
            error={faults.user_id}
            onChange={setRequester}
          />
        )}
        <NativeSelect
          label={t('priority')}
          value={priority}
          error={faults.priority}
          onChange={(event) => setPriority(event.currentTarget.value as Priority | '')}
          data={[
            { value: '', label: t('priority_rules') },
            ...PRIORITIES.map((one) => ({ value: one, label: t(`tickets:priority.${one}`) })),
          ]}
        />
        <TagField label={t('tags')} value={tags} error={faults.tags} onChange={setTags} />
      </>
    ),
    body: () => ({
      ...(requester && { user_id: requester.id }),
      ...(priority && { priority }),
      ...(tags.length > 0 && { tags }),
    }),
    setFaults,
  };
}
