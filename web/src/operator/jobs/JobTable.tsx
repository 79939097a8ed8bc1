import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Job } from '~/api/types';
import { Mark } from '~/ui/Mark';
import { RelativeTime } from '~/ui/RelativeTime';
import { fullTime } from '~/ui/time';
import { useNow } from '~/ui/useNow';
import { Bar } from '../ui/Bar';
import { useSeen } from '../ui/progress';
import ui from '../ui/ui.module.css';
import { useKind } from './kinds';
import { stateOf, TONES } from './state';

/** Jobs as rows. `of`: whose they all are, where that needs no saying. */
export function JobTable({ jobs, of }: { jobs: Job[]; of?: string }) {
  const { t } = useTranslation('operator');
  const seen = useSeen();
  return (
    <table className={ui.table} aria-label={t('jobs.title')}>
      <thead>
        <tr>
          <th scope="col">{t('jobs.what')}</th>
          {!of && <th scope="col">{t('jobs.about')}</th>}
          <th scope="col">{t('jobs.state')}</th>
          <th scope="col">{t('jobs.progress')}</th>
          <th scope="col">{t('jobs.asked')}</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Row key={job.id} job={job} about={!of} seen={seen(`${job.id} ${job.step}`, job.done)} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { job: Job; about: boolean; seen: ReturnType<ReturnType<typeof useSeen>> }) {
  const { t, i18n } = useTranslation('operator');
  const { job, seen } = props;
  const kind = useKind()(job.kind);
  const state = stateOf(job, useNow());
  const later = state === 'planned' || state === 'retrying';
  return (
    <tr>
      <th scope="row">
        <span className={ui.names}>
          {kind}
          <span className={ui.dim}>{t('jobs.step', { step: job.step })}</span>
        </span>
      </th>
      {props.about && (
        <td data-label={t('jobs.about')}>
          <About job={job} />
        </td>
      )}
      <td data-label={t('jobs.state')}>
        <span className={ui.names}>
          <Mark tone={TONES[state]}>{t(`jobs.states.${state}`, { times: job.attempts })}</Mark>
          {later && (
            <span className={ui.dim}>
              {t('jobs.next', { time: fullTime(job.next_at, i18n.language) })}
            </span>
          )}
          {job.last_error && <span className={ui.error}>{job.last_error}</span>}
        </span>
      </td>
      <td data-label={job.total ? t('jobs.progress') : undefined}>
        {state === 'running' && job.total ? (
          <Bar
            label={kind}
            done={job.done}
            total={job.total}
            inBytes={job.unit === 'bytes'}
            seen={seen}
          />
        ) : null}
      </td>
      <td data-label={t('jobs.asked')}>
        <RelativeTime at={job.created_at} />
      </td>
    </tr>
  );
}

/** The tenant or the server that a job is about. */
function About({ job }: { job: Job }) {
  if (!job.tenant) return <>{job.cluster ?? '–'}</>;
  return (
    <Link to="/tenants/$slug" params={{ slug: job.tenant }}>
      {job.tenant}
    </Link>
  );
}
