import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyAddress } from '~/ui/CopyAddress';
import { IconCheck } from '~/ui/icons';
import { invitationList, memberList } from '../members/queries';
import classes from './FirstSteps.module.css';
import { ticketCount } from './queries';

/** Statuses that a ticket has only after somebody has taken care of it. */
const HANDLED = { status: 'in_progress,waiting_customer,resolved' };

/** The way of a new helpdesk to its first answer. Each step ticks itself off by what is really there. */
export function FirstSteps() {
  const { t } = useTranslation('desk');
  const { data: tickets = 0 } = useQuery(ticketCount({}));
  const { data: handled = 0 } = useQuery(ticketCount(HANDLED));
  const team = useInfiniteQuery(memberList('team'));
  const invited = useInfiniteQuery(invitationList);
  const colleagues =
    (team.data?.pages[0]?.data.length ?? 0) > 1 ||
    Boolean(invited.data?.pages[0]?.data.some(({ status }) => status === 'pending'));
  return (
    <section className={classes.steps} aria-labelledby="first-steps">
      <h2 id="first-steps">{t('first.title')}</h2>
      <ol>
        <Step done={tickets > 0} title={t('first.ticket')}>
          <p>{t('first.ticket_text')}</p>
          <Button component={Link} to="/tickets/new" size="sm">
            {t('first.ticket_try')}
          </Button>
          <p className={classes.address}>
            {t('first.ticket_portal')}{' '}
            <CopyAddress address={window.location.origin} label={t('first.copy')} />
          </p>
        </Step>
        <Step done={handled > 0} title={t('first.answer')}>
          <p>{t('first.answer_text')}</p>
          {tickets > 0 && (
            <Button
              size="sm"
              renderRoot={(props) => <Link to="/" search={{ view: 'unassigned' }} {...props} />}
            >
              {t('first.answer_go')}
            </Button>
          )}
        </Step>
        <Step done={colleagues} title={t('first.invite')}>
          <p>{t('first.invite_text')}</p>
          <Button component={Link} to="/settings/members" size="sm" variant="default">
            {t('first.invite_go')}
          </Button>
        </Step>
      </ol>
    </section>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: ReactNode }) {
  const { t } = useTranslation('desk');
  return (
    <li data-done={done || undefined}>
      <span className={classes.mark} aria-hidden="true">
        {done && <IconCheck size={14} stroke={3} />}
      </span>
      <div className={classes.step}>
        <h3>
          {title} {done && <span className="visually-hidden">({t('first.done')})</span>}
        </h3>
        {!done && children}
      </div>
    </li>
  );
}
