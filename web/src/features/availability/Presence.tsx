import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Agent } from '~/api/types';
import { fullName, Initials } from '~/ui/Initials';
import { IconUsers } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { fullTime } from '~/ui/time';
import { Listed } from '../arrange/Listed';
import { agentList } from '../tickets/queries';
import { AvailabilityForm } from './AvailabilityForm';
import classes from './Presence.module.css';

/** Who is there, and how much each takes. */
export function Presence() {
  const { t } = useTranslation('desk');
  const list = useQuery(agentList);
  const [open, setOpen] = useState<Agent | null>(null);
  return (
    <>
      <Listed
        list={list}
        title={t('here.heading')}
        none={t('here.none')}
        noneText={t('here.none_text')}
        icon={IconUsers}
        row={(agent) => <Row key={agent.id} agent={agent} onEdit={() => setOpen(agent)} />}
      />
      {open && (
        <AvailabilityForm
          agent={open.id}
          self={open.id}
          name={fullName(open)}
          now={open}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

function Row({ agent, onEdit }: { agent: Agent; onEdit: () => void }) {
  const { t, i18n } = useTranslation('desk');
  const name = fullName(agent);
  const away = agent.away_until
    ? t('here.away_until', { time: fullTime(agent.away_until, i18n.language) })
    : t('here.away');
  return (
    <li>
      <span className={classes.person}>
        <Initials person={agent} size={32} />
        <span className={page.names}>
          <span className={page.name}>{name}</span>
          <span className={classes.state} data-away={!agent.available || undefined}>
            {agent.available ? t('here.there') : away}
            {agent.capacity != null && ` · ${t('here.takes', { count: agent.capacity })}`}
          </span>
        </span>
      </span>
      <Button
        size="xs"
        variant="default"
        aria-label={t('here.change_of', { name })}
        onClick={onEdit}
      >
        {t('here.change')}
      </Button>
    </li>
  );
}
