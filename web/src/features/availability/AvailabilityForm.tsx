import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Agent, Availability } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { typedOf } from '../snooze/presets';
import { agentList } from '../tickets/queries';
import { useSetAvailability } from './queries';

/** The highest number of open tickets that can be set, the same as the server's. */
const MOST = 1000;

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
  const [here, setHere] = useState(now.available);
  const [until, setUntil] = useState(now.away_until ? typedOf(new Date(now.away_until)) : '');
  const [substitute, setSubstitute] = useState(String(now.substitute_id ?? ''));
  const [capacity, setCapacity] = useState(String(now.capacity ?? ''));
  function submit() {
    const takes = capacity.trim();
    const possible = !takes || (/^\d+$/.test(takes) && Number(takes) <= MOST);
    saving.submit(
      {
        available: here,
        substitute_id: substitute ? Number(substitute) : null,
        capacity: takes ? Number(takes) : null,
        ...(!here && { away_until: until ? new Date(until).toISOString() : null }),
      },
      possible ? {} : { capacity: t('here.capacity_range', { max: MOST }) },
    );
  }
  return (
    <FormDialog
      title={name ? t('here.title_of', { name }) : t('here.title')}
      submit={t('here.save')}
      size="md"
      saving={saving}
      onSubmit={submit}
      onClose={onClose}
    >
      <Switch
        label={t('here.available')}
        description={t('here.available_text')}
        checked={here}
        onChange={(event) => setHere(event.currentTarget.checked)}
      />
      {!here && (
        <TextInput
          type="datetime-local"
          label={t('here.until')}
          description={t('here.until_text')}
          value={until}
          error={faults.away_until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      )}
      <Substitute
        self={self}
        value={substitute}
        fault={faults.substitute_id}
        onChange={setSubstitute}
      />
      <TextInput
        label={t('here.capacity')}
        description={t('here.capacity_text')}
        inputMode="numeric"
        value={capacity}
        error={faults.capacity}
        onChange={(event) => setCapacity(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

function Substitute(props: {
  self: number;
  value: string;
  fault: string | undefined;
  onChange: (id: string) => void;
}) {
  const { t } = useTranslation('desk');
  const { data: agents = [] } = useQuery(agentList);
  const others = agents.filter(({ id }: Agent) => id !== props.self);
  return (
    <NativeSelect
      label={t('here.substitute')}
      description={t('here.substitute_text')}
      value={props.value}
      error={props.fault}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      data={[
        { value: '', label: t('here.nobody') },
        ...others.map((agent) => ({ value: String(agent.id), label: fullName(agent) })),
      ]}
    />
  );
}
