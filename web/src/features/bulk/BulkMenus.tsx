import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Priority, Status } from '~/api/types';
import { IconChevronDown } from '~/ui/icons';
import { labelOf } from '../arrange/label';
import { categoryList, teamList } from '../arrange/queries';
import { SnoozeItems } from '../snooze/SnoozeItems';
import { PriorityMark, StatusMark } from '../tickets/Marks';
import type { Change } from './useBulk';

type Props = { pending: boolean; onChange: (change: Change) => void };

/** What staff may set; work begins and ends by assignment. Whether each ticket may go there, the server says. */
const STATUSES: Status[] = ['waiting_customer', 'resolved'];
const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];

function Choices(props: { label: string; pending: boolean; children: ReactNode }) {
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          disabled={props.pending}
          rightSection={<IconChevronDown size={14} />}
        >
          {props.label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="50dvh" style={{ overflowY: 'auto' }}>
        {props.children}
      </Menu.Dropdown>
    </Menu>
  );
}

export function StatusAll({ pending, onChange, onReason }: Props & { onReason: () => void }) {
  const { t } = useTranslation('desk');
  return (
    <Choices label={t('bulk.status')} pending={pending}>
      {STATUSES.map((status) => (
        <Menu.Item key={status} onClick={() => onChange({ action: 'status', status })}>
          <StatusMark status={status} />
        </Menu.Item>
      ))}
      <Menu.Item onClick={onReason}>
        <StatusMark status="closed" />
      </Menu.Item>
    </Choices>
  );
}

/** Nothing where there is no team. */
export function TeamAll({ pending, onChange }: Props) {
  const { t } = useTranslation('desk');
  const { data: teams = [] } = useQuery(teamList);
  if (teams.length === 0) return null;
  return (
    <Choices label={t('bulk.team')} pending={pending}>
      {teams.map(({ id, name }) => (
        <Menu.Item key={id} onClick={() => onChange({ action: 'team', team_id: id })}>
          {name}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item onClick={() => onChange({ action: 'team', team_id: null })}>
        {t('bulk.no_team')}
      </Menu.Item>
    </Choices>
  );
}

export function PriorityAll({ pending, onChange }: Props) {
  const { t } = useTranslation('desk');
  return (
    <Choices label={t('bulk.priority')} pending={pending}>
      {PRIORITIES.map((priority) => (
        <Menu.Item key={priority} onClick={() => onChange({ action: 'priority', priority })}>
          <PriorityMark priority={priority} />
        </Menu.Item>
      ))}
    </Choices>
  );
}

/** Nothing where no category is defined: any word would do then, and none is offered. */
export function CategoryAll({ pending, onChange }: Props) {
  const { t, i18n } = useTranslation('desk');
  const { data: categories = [] } = useQuery(categoryList);
  const active = categories.filter((category) => category.active);
  if (active.length === 0) return null;
  return (
    <Choices label={t('bulk.category')} pending={pending}>
      {active.map((category) => (
        <Menu.Item
          key={category.id}
          onClick={() => onChange({ action: 'category', category: category.name })}
        >
          {labelOf(category, i18n.language)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item onClick={() => onChange({ action: 'category', category: null })}>
        {t('bulk.no_category')}
      </Menu.Item>
    </Choices>
  );
}

export function SnoozeAll({ pending, onChange, onDate }: Props & { onDate: () => void }) {
  const { t } = useTranslation('desk');
  return (
    <Choices label={t('bulk.snooze')} pending={pending}>
      <SnoozeItems onUntil={(until) => onChange({ action: 'snooze', until })} onDate={onDate} />
    </Choices>
  );
}
