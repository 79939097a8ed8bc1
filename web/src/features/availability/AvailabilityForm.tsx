import { Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Availability, SetAvailability } from '~/api/types';
import { AgentField } from '../arrange/AgentField';
import { FormDialog } from '../arrange/FormDialog';
import { same } from '../arrange/merge';
import { useSaving } from '../arrange/useSaving';
import { typedOf } from '../snooze/presets';
import { useSetAvailability } from './queries';

/** The highest number of open tickets that can be set, the same as the server's. */
const MOST = 1000;

type Typed = { here: boolean; until: string; substitute: string; capacity: string };

type Props = {
  agent: number | 'me';
  /** Who it is, for everybody but oneself. */
  name: string | null;
  self: number;
  now: Availability;
  onClose: () => void;
};

/** Whether somebody is there, until when not, who stands in, and how much they take. */
export function AvailabilityForm({ agent, name, self, now, onClose }: Props) {
  const { t } = useTranslation('desk');
  const saving = useSaving({
    save: useSetAvailability(agent).mutateAsync,
    lists: [],
    onSaved: onClose,
  });
  const { faults } = saving;
  const [before] = useState(() => typedFrom(now));
  const [typed, setTyped] = useState(before);
  const { here, until, substitute, capacity } = typed;
  const set = (change: Partial<Typed>) => setTyped((was) => ({ ...was, ...change }));
  function submit() {
    const takes = capacity.trim();
    const possible = !takes || (/^\d+$/.test(takes) && Number(takes) <= MOST);
    const body = changed(before, { ...typed, capacity: takes });
    if (Object.keys(body).length === 0) onClose();
    else saving.submit(body, possible ? {} : { capacity: t('here.capacity_range', { max: MOST }) });
  }
  return (
    <FormDialog
      title={name ? t('here.title_of', { name }) : t('here.title')}
      submit={t('here.save')}
      size="md"
      saving={saving}
      dirty={!same(before, typed)}
      onSubmit={submit}
      onClose={onClose}
    >
      <Switch
        label={t('here.available')}
        description={t('here.available_text')}
        checked={here}
        onChange={(event) => set({ here: event.currentTarget.checked })}
      />
      {!here && (
        <TextInput
          type="datetime-local"
          label={t('here.until')}
          description={t('here.until_text')}
          value={until}
          error={faults.away_until}
          onChange={(event) => set({ until: event.currentTarget.value })}
        />
      )}
      <AgentField
        label={t('here.substitute')}
        description={t('here.substitute_text')}
        value={substitute}
        error={faults.substitute_id}
        onChange={(id) => set({ substitute: id })}
        first={[{ value: '', label: t('here.nobody') }]}
        but={self}
      />
      <TextInput
        label={t('here.capacity')}
        description={t('here.capacity_text')}
        inputMode="numeric"
        value={capacity}
        error={faults.capacity}
        onChange={(event) => set({ capacity: event.currentTarget.value })}
      />
    </FormDialog>
  );
}

function typedFrom(now: Availability): Typed {
  return {
    here: now.available,
    until: now.away_until ? typedOf(new Date(now.away_until)) : '',
    substitute: String(now.substitute_id ?? ''),
    capacity: String(now.capacity ?? ''),
  };
}

/** Only what was changed is said: the rest may have been changed by others meanwhile, and no version tells. */
function changed(before: Typed, typed: Typed): SetAvailability {
  const { here, until, substitute, capacity } = typed;
  const leaves = !here && before.here;
  return {
    ...(here !== before.here && { available: here }),
    ...(substitute !== before.substitute && {
      substitute_id: substitute ? Number(substitute) : null,
    }),
    ...(capacity !== before.capacity && { capacity: capacity ? Number(capacity) : null }),
    ...(!here &&
      (leaves || until !== before.until) && {
        away_until: until ? new Date(until).toISOString() : null,
      }),
  };
}
