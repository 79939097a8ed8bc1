import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconChevronDown } from '~/ui/icons';
import { useCommand } from '../console/commands';
import { usePerson } from '../session/session';
import { CloseReason } from './CloseReason';
import { useChange } from './changes';
import { StatusMark } from './Marks';
import { type Step, stepsOf } from './steps';

/** The status, and the ways that the state machine leaves open. */
export function StatusMenu({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation(['tickets', 'desk']);
  const person = usePerson();
  const change = useChange(ticket);
  const [opened, setOpened] = useState(false);
  const [closing, setClosing] = useState(false);
  const steps = stepsOf(ticket);
  const none = steps.length === 0;
  useCommand('status', none ? null : () => setOpened(true));

  function choose({ to, by }: Step) {
    if (by === 'reason') setClosing(true);
    else if (by === 'taking') change.mutate({ kind: 'assign', to: person });
    else if (by === 'giving_back') change.mutate({ kind: 'assign', to: null });
    else change.mutate({ kind: 'status', to });
  }

  return (
    <>
      <Menu
        opened={opened}
        onChange={setOpened}
        position="bottom-start"
        shadow="md"
        disabled={none}
      >
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            disabled={none}
            aria-label={t('header.status', { status: t(`status.${ticket.status}`) })}
            title={ticket.status === 'closed' ? t('header.status_final') : undefined}
            rightSection={none ? null : <IconChevronDown size={14} />}
          >
            <StatusMark status={ticket.status} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {steps.map((step) => (
            <Menu.Item key={step.to} onClick={() => choose(step)}>
              <StatusMark status={step.to} />
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {closing && (
        <CloseReason
          title={t('desk:reason.title', { number: ticket.ticket_number })}
          text={t('desk:reason.text')}
          submit={t('desk:reason.submit')}
          onReason={(reason) => change.mutate({ kind: 'status', to: 'closed', reason })}
          onClose={() => setClosing(false)}
        />
      )}
    </>
  );
}
