import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Priority, Ticket } from '~/api/types';
import { IconChevronDown } from '~/ui/icons';
import { useCommand } from '../console/commands';
import { useChange } from './changes';
import { PriorityMark } from './Marks';
import { usePriorityReason } from './usePriorityReason';

const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];

/** How urgent a ticket is; what staff choose here, no rule changes back. */
export function PriorityMenu({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('tickets');
  const change = useChange(ticket);
  const reason = usePriorityReason(ticket);
  const [opened, setOpened] = useState(false);
  const final = ticket.status === 'closed';
  useCommand('priority', final ? null : () => setOpened(true));
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-start" shadow="md" disabled={final}>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          disabled={final}
          aria-label={t('priority.change', { priority: t(`priority.${ticket.priority}`) })}
          rightSection={final ? null : <IconChevronDown size={14} />}
        >
          <PriorityMark priority={ticket.priority} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown maw={280}>
        <Menu.Label>{reason}</Menu.Label>
        {PRIORITIES.filter((priority) => priority !== ticket.priority).map((priority) => (
          <Menu.Item
            key={priority}
            onClick={() => change.mutate({ kind: 'priority', to: priority })}
          >
            <PriorityMark priority={priority} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
