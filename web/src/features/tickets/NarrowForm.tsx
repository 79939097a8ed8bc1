import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Priority, Status } from '~/api/types';
import { AgentField } from '../arrange/AgentField';
import { withChosen } from '../arrange/chosen';
import { labelOf } from '../arrange/label';
import { categoryList, teamList } from '../arrange/queries';
import { requesterKnown } from './cache';
import classes from './Narrow.module.css';
import { type Narrow, type Narrowing, queueOf } from './narrowing';
import { RequesterField, type Somebody } from './RequesterField';
import { CHANNELS } from './views';

const STATUSES: Status[] = ['open', 'in_progress', 'waiting_customer', 'resolved', 'closed'];
const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];
const CLOCKS = ['warning', 'breached', 'paused'] as const;
/** The longest question that the server takes. */
const LONGEST = 500;

type Props = { before: Narrowing; onNarrow: (narrowing: Narrowing) => void };

/** What the list can be narrowed to; nothing moves before it is applied. */
export function NarrowForm({ before, onNarrow }: Props) {
  const { t } = useTranslation(['desk', 'tickets', 'queue']);
  const [typed, setTyped] = useState<Narrowing>(before);
  const set = (name: Narrow) => (value: string) => setTyped((now) => ({ ...now, [name]: value }));
  function submit(event: FormEvent) {
    event.preventDefault();
    onNarrow(queueOf(typed));
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        size="xs"
        label={t('narrow.q')}
        maxLength={LONGEST}
        data-autofocus
        value={typed.q ?? ''}
        onChange={(event) => set('q')(event.currentTarget.value)}
      />
      <Several
        label={t('narrow.status')}
        value={typed.status}
        onChange={set('status')}
        choices={STATUSES.map((status) => [status, t(`tickets:status_short.${status}`)])}
      />
      <Several
        label={t('narrow.priority')}
        value={typed.priority}
        onChange={set('priority')}
        choices={PRIORITIES.map((priority) => [priority, t(`tickets:priority.${priority}`)])}
      />
      <Several
        label={t('narrow.sla')}
        value={typed.sla}
        onChange={set('sla')}
        choices={CLOCKS.map((state) => [state, t(`narrow.sla_${state}`)])}
      />
      <People typed={typed} set={set} />
      <Origin typed={typed} set={set} />
      <div className={classes.foot}>
        <Button size="xs" variant="default" onClick={() => onNarrow({})}>
          {t('queue:narrow.clear')}
        </Button>
        <Button size="xs" type="submit">
          {t('narrow.apply')}
        </Button>
      </div>
    </form>
  );
}

type Part = { typed: Narrowing; set: (name: Narrow) => (value: string) => void };

/** Whose question it is. */
function Requester({ typed, set }: Part) {
  const { t } = useTranslation('desk');
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Somebody | null>(() => {
    const id = Number(typed.user_id);
    if (!id) return null;
    return requesterKnown(client, id) ?? { id, firstname: `#${id}`, lastname: '' };
  });
  return (
    <RequesterField
      size="xs"
      label={t('narrow.user_id')}
      placeholder={t('narrow.any')}
      value={chosen}
      onChange={(customer) => {
        setChosen(customer);
        set('user_id')(customer ? String(customer.id) : '');
      }}
    />
  );
}

/** How a ticket came, about which order and when, and whether it is put aside. */
function Origin({ typed, set }: Part) {
  const { t } = useTranslation('desk');
  const field = (name: Narrow) => ({
    size: 'xs' as const,
    label: t(`narrow.${name}`),
    value: typed[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => set(name)(event.currentTarget.value),
  });
  return (
    <>
      <Requester typed={typed} set={set} />
      <Several
        label={t('narrow.channel')}
        value={typed.channel}
        onChange={set('channel')}
        choices={CHANNELS.map((channel) => [channel, t(`narrow.channel_${channel}`)])}
      />
      <TextInput {...field('order_id')} autoComplete="off" />
      <div className={classes.days}>
        <TextInput {...field('created_from')} type="date" />
        <TextInput {...field('created_to')} type="date" />
      </div>
      <NativeSelect
        {...field('snoozed')}
        data={[
          { value: '', label: t('narrow.any') },
          { value: 'true', label: t('narrow.snoozed_true') },
          { value: 'false', label: t('narrow.snoozed_false') },
        ]}
      />
    </>
  );
}

/** Whose tickets, of which team, about what. */
function People(props: Part) {
  const { t, i18n } = useTranslation(['desk', 'arrange']);
  const { data: teams } = useQuery(teamList);
  const { data: categories } = useQuery(categoryList);
  const any = { value: '', label: t('narrow.any') };
  const choices = {
    team: [
      any,
      { value: 'none', label: t('narrow.team_none') },
      ...(teams ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
    ],
    category: [
      any,
      ...(categories ?? []).map((one) => ({ value: one.name, label: labelOf(one, i18n.language) })),
    ],
  };
  const gone = {
    team: (id: string) => (teams ? t('arrange:gone.team', { id }) : '…'),
    // Where none are defined any word is one; an address may name several.
    category: (name: string) =>
      categories?.length && !name.includes(',') ? t('arrange:gone.category', { name }) : name,
  };
  return (
    <>
      <AgentField
        inside
        size="xs"
        label={t('narrow.assigned_to')}
        value={props.typed.assigned_to ?? ''}
        onChange={props.set('assigned_to')}
        first={[
          any,
          { value: 'me', label: t('narrow.assigned_me') },
          { value: 'none', label: t('narrow.assigned_none') },
        ]}
      />
      {(['team', 'category'] as const).map((name) => (
        <NativeSelect
          key={name}
          size="xs"
          label={t(`narrow.${name}`)}
          value={props.typed[name] ?? ''}
          onChange={(event) => props.set(name)(event.currentTarget.value)}
          data={withChosen(choices[name], [props.typed[name] ?? ''], gone[name])}
        />
      ))}
      <TextInput
        size="xs"
        label={t('narrow.tag')}
        description={t('narrow.tag_text')}
        value={props.typed.tag ?? ''}
        onChange={(event) => props.set('tag')(event.currentTarget.value)}
      />
    </>
  );
}

function Several(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
  choices: [string, string][];
}) {
  return (
    <Checkbox.Group
      size="xs"
      label={props.label}
      value={props.value ? props.value.split(',') : []}
      onChange={(words) => props.onChange(words.join(','))}
    >
      <div className={classes.choices}>
        {props.choices.map(([value, label]) => (
          <Checkbox key={value} size="xs" value={value} label={label} />
        ))}
      </div>
    </Checkbox.Group>
  );
}
