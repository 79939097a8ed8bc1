import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { fullTime } from '~/ui/time';
import { useNow } from '~/ui/useNow';
import { type Clock, span, type Which } from './deadline';
import classes from './Sla.module.css';
import { SlaWhy } from './SlaWhy';

/** Both clocks of a ticket, and the way to the reasons. */
export function SlaClocks({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('sla');
  const [asked, setAsked] = useState(false);
  if (!ticket.sla) return <p>{t('unmeasured')}</p>;
  return (
    <>
      <ClockLines which="response" clock={ticket.sla.response} />
      <ClockLines which="resolution" clock={ticket.sla.resolution} />
      <Button variant="default" size="xs" onClick={() => setAsked(true)}>
        {t('why')}
      </Button>
      {asked && <SlaWhy ticket={ticket} onClose={() => setAsked(false)} />}
    </>
  );
}

function ClockLines({ which, clock }: { which: Which; clock: Clock }) {
  const { t, i18n } = useTranslation('sla');
  const language = i18n.language;
  return (
    <dl className={classes.clock}>
      <dt>{t(`clock.${which}`)}</dt>
      <dd className={classes.state} data-state={clock.state}>
        {useWords(clock)}
      </dd>
      <dd className={classes.target}>
        {t('target', { time: span(clock.target_minutes * 60, language) })}
        {clock.due_at && ` · ${t('due_at', { at: fullTime(clock.due_at, language) })}`}
      </dd>
    </dl>
  );
}

/** Where a clock stands, in words. */
function useWords(clock: Clock): string {
  const { t, i18n } = useTranslation('sla');
  const now = useNow();
  const seconds = clock.due_at ? Math.floor((Date.parse(clock.due_at) - now) / 1000) : 0;
  if (clock.met_at) return clock.state === 'breached' ? t('state.met_late') : t('state.met');
  if (clock.state === 'paused') {
    return t('state.paused', { time: span(clock.remaining_seconds ?? 0, i18n.language) });
  }
  if (clock.state === 'met') return t('state.stopped');
  if (seconds <= 0) return t('state.late', { time: span(seconds, i18n.language) });
  return t('state.running', { time: span(seconds, i18n.language) });
}
