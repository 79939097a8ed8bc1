import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SlaExplanation, Ticket } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { fullTime } from '~/ui/time';
import { span } from './deadline';
import { slaExplanation } from './queries';
import classes from './Sla.module.css';

/** Why a ticket is due when it is: the policy, the hours, and what of its life has counted. */
export function SlaWhy({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation('sla');
  const why = useQuery(slaExplanation(ticket.id));
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('why_title', { number: ticket.ticket_number })}
      size="lg"
    >
      {why.isError && (
        <ErrorState title={t('why_failed')} error={why.error} onRetry={() => void why.refetch()} />
      )}
      {why.data && <Reasons why={why.data} />}
    </Modal>
  );
}

function Reasons({ why }: { why: SlaExplanation }) {
  const { t } = useTranslation(['sla', 'tickets']);
  const looks = why.policy.because.map((what) => t(`sla:because.${what as 'category'}`));
  return (
    <>
      <p>
        {t('sla:by_policy', { name: why.policy.name, version: why.policy.version })}{' '}
        {looks.length > 0
          ? t('sla:because_of', { what: looks.join(', ') })
          : t('sla:because_default')}
      </p>
      <p>
        {why.hours
          ? t('sla:hours', { zone: why.hours.time_zone, count: why.hours.holidays?.length ?? 0 })
          : t('sla:always')}
      </p>
      <p>{t('sla:by_priority', { priority: t(`tickets:priority.${why.priority}`) })}</p>
      <table className={classes.spans}>
        <thead>
          <tr>
            <th scope="col">{t('sla:span.from')}</th>
            <th scope="col">{t('sla:span.status')}</th>
            <th scope="col">{t('sla:span.counted')}</th>
          </tr>
        </thead>
        <tbody>
          {why.spans.map((one) => (
            <Line key={`${one.from}${one.status}`} one={one} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Line({ one }: { one: SlaExplanation['spans'][number] }) {
  const { t, i18n } = useTranslation(['sla', 'tickets']);
  return (
    <tr>
      <td>{fullTime(one.from, i18n.language)}</td>
      <td>{t(`tickets:status.${one.status}`)}</td>
      <td>
        {one.pace === 'running'
          ? span(one.counted_seconds, i18n.language)
          : t(`sla:pace.${one.pace}`)}
      </td>
    </tr>
  );
}
