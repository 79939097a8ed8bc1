import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Doing, Priority, Status } from '~/api/types';
import { AgentField } from '../arrange/AgentField';
import { withChosen } from '../arrange/chosen';
import { labelOf } from '../arrange/label';
import { categoryList, teamList } from '../arrange/queries';
import { TagField } from '../tags/TagField';
import { tagging } from './doing';
import classes from './Replies.module.css';

const STATUSES: Status[] = ['waiting_customer', 'resolved', 'closed'];
const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];

type Props = { doing: Doing; fault: string | undefined; onChange: (doing: Doing) => void };

/** What an action takes. */
export function DoingValue({ doing, fault, onChange }: Props) {
  const { t } = useTranslation(['arrange', 'tickets']);
  switch (doing.action) {
    case 'status':
      return (
        <span className={classes.value}>
          <Choice
            value={doing.status ?? ''}
            fault={fault}
            onChange={(value) => onChange({ action: 'status', status: value as Status })}
            choices={STATUSES.map((status) => [status, t(`tickets:status.${status}`)])}
          />
          {doing.status === 'closed' && (
            <TextInput
              aria-label={t('replies.reason')}
              placeholder={t('replies.reason')}
              maxLength={1000}
              value={doing.reason ?? ''}
              onChange={(event) => onChange({ ...doing, reason: event.currentTarget.value })}
            />
          )}
        </span>
      );
    case 'assign':
      return <Whom doing={doing} fault={fault} onChange={onChange} />;
    case 'team':
      return <Queue doing={doing} fault={fault} onChange={onChange} />;
    case 'priority':
      return (
        <Choice
          value={doing.priority ?? ''}
          fault={fault}
          onChange={(value) => onChange({ action: 'priority', priority: value as Priority })}
          choices={PRIORITIES.map((priority) => [priority, t(`tickets:priority.${priority}`)])}
        />
      );
    case 'tags': {
      const [add, remove] = [doing.add ?? [], doing.remove ?? []];
      return (
        <span className={classes.value}>
          <TagField
            label={t('replies.tags_add')}
            value={add}
            error={fault}
            onChange={(tags) => onChange(tagging(tags, remove))}
          />
          <TagField
            label={t('replies.tags_remove')}
            value={remove}
            onChange={(tags) => onChange(tagging(add, tags))}
          />
        </span>
      );
    }
    default:
      return <About doing={doing} fault={fault} onChange={onChange} />;
  }
}

function Whom({ doing, fault, onChange }: Props) {
  const { t } = useTranslation('arrange');
  return (
    <AgentField
      aria-label={t('replies.value')}
      value={String(doing.assigned_to ?? '')}
      error={fault}
      onChange={(value) =>
        onChange({
          action: 'assign',
          assigned_to: value === 'me' ? 'me' : value === '' ? null : Number(value),
        })
      }
      first={[
        { value: 'me', label: t('replies.me') },
        { value: '', label: t('replies.nobody') },
      ]}
    />
  );
}

function Queue({ doing, fault, onChange }: Props) {
  const { t } = useTranslation('arrange');
  const { data: teams } = useQuery(teamList);
  return (
    <Choice
      value={String(doing.team_id ?? '')}
      fault={fault}
      onChange={(value) =>
        onChange({ action: 'team', team_id: value === '' ? null : Number(value) })
      }
      choices={[
        ['', t('replies.no_team')],
        ...(teams ?? []).map(({ id, name }): [string, string] => [String(id), name]),
      ]}
      gone={(id) => (teams ? t('gone.team', { id }) : '…')}
    />
  );
}

/** One of the defined categories; where none is defined, any word. */
function About({ doing, fault, onChange }: Props) {
  const { t, i18n } = useTranslation('arrange');
  const { data: categories = [] } = useQuery(categoryList);
  const become = (category: string) => onChange({ action: 'category', category: category || null });
  if (categories.length === 0) {
    return (
      <TextInput
        aria-label={t('replies.value')}
        placeholder={t('replies.category_text')}
        maxLength={64}
        value={doing.category ?? ''}
        error={fault}
        onChange={(event) => become(event.currentTarget.value)}
      />
    );
  }
  return (
    <Choice
      value={doing.category ?? ''}
      fault={fault}
      onChange={become}
      choices={[
        ['', t('replies.no_category')],
        ...categories.map((one): [string, string] => [one.name, labelOf(one, i18n.language)]),
      ]}
      gone={(name) => t('gone.category', { name })}
    />
  );
}

function Choice(props: {
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
  choices: [string, string][];
  /** How something is named that was chosen and is no longer there. */
  gone?: (value: string) => string;
}) {
  const { t } = useTranslation('arrange');
  const choices = props.choices.map(([value, label]) => ({ value, label }));
  return (
    <NativeSelect
      aria-label={t('replies.value')}
      value={props.value}
      error={props.fault}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      data={props.gone ? withChosen(choices, [props.value], props.gone) : choices}
    />
  );
}
