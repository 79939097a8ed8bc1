import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconBell, IconMoon } from '~/ui/icons';
import { fullTime } from '~/ui/time';
import { useCommand } from '../console/commands';
import { useChange } from '../tickets/changes';
import { SnoozeDate } from './SnoozeDate';
import { SnoozeItems } from './SnoozeItems';

/** Puts a ticket out of sight of the queue for a while, and brings it back. */
export function SnoozeMenu({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation('desk');
  const change = useChange(ticket);
  const [opened, setOpened] = useState(false);
  const [asked, setAsked] = useState(false);
  const over = ticket.status === 'closed' || ticket.status === 'resolved';
  const { snooze } = ticket;
  const none = over && !snooze;
  useCommand('snooze', none ? null : () => setOpened(true));
  const until = (end: string | null) => change.mutate({ kind: 'snooze', until: end });
  const name = !snooze
    ? t('snooze.title')
    : snooze.until
      ? t('snooze.until_time', { time: fullTime(snooze.until, i18n.language) })
      : t('snooze.until_answer');
  if (none) return null;
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-start" shadow="md">
        <Menu.Target>
          <Button
            size="xs"
            variant={snooze ? 'light' : 'default'}
            leftSection={<IconMoon size={16} aria-hidden="true" />}
          >
            {name}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {snooze && (
            <>
              <Menu.Item
                leftSection={<IconBell size={16} />}
                onClick={() => change.mutate({ kind: 'wake' })}
              >
                {t('snooze.wake')}
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          {!over && <SnoozeItems onUntil={until} onDate={() => setAsked(true)} />}
        </Menu.Dropdown>
      </Menu>
      {asked && <SnoozeDate onUntil={until} onClose={() => setAsked(false)} />}
    </>
  );
}
