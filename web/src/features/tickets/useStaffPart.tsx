import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Priority } from '~/api/types';
import { TagField } from '../tags/TagField';
import type { Besides } from './TicketForm';

const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];

/** What staff tell of a new ticket besides: a priority that no rule changes any more, and tags. */
export function useStaffPart(): Besides {
  const { t } = useTranslation(['opening', 'tickets']);
  const [priority, setPriority] = useState<Priority | ''>('');
  const [tags, setTags] = useState<string[]>([]);
  const [faults, setFaults] = useState<Record<string, string>>({});
  return {
    fields: (
      <>
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
    body: () => ({ ...(priority && { priority }), ...(tags.length > 0 && { tags }) }),
    setFaults,
  };
}
