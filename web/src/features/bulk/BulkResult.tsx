import { ActionIcon, Button, Progress } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { BulkJob } from '~/api/types';
import { useCodeWords, useExplain } from '~/ui/explain';
import { IconArrowBackUp, IconX } from '~/ui/icons';
import { knownTicket } from '../tickets/cache';
import classes from './Bulk.module.css';
import { outcomeOf, placeOf } from './outcome';
import type { useBulk } from './useBulk';

/** How far a job is, what became of it, and the way back. */
export function BulkResult({ bulk }: { bulk: ReturnType<typeof useBulk> }) {
  const { t } = useTranslation('desk');
  const { t: common } = useTranslation();
  const explain = useExplain();
  const { job, error, pending } = bulk;
  return (
    <div className={classes.result}>
      <div className={classes.said}>
        <div role="status" className={classes.words}>
          {job ? <Words job={job} /> : pending && t('bulk.begins')}
        </div>
        {(job?.state === 'finished' || error) && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={common('close')}
            onClick={bulk.dismiss}
          >
            <IconX size={18} />
          </ActionIcon>
        )}
      </div>
      {error && (
        <p className={classes.problem} role="alert">
          {t('bulk.failed')} {explain(error)}
        </p>
      )}
      {job?.state === 'running' && (
        <Progress
          value={(100 * job.done) / Math.max(1, job.total)}
          aria-label={t('bulk.progress', { done: job.done, total: job.total })}
        />
      )}
      {job?.state === 'finished' && <Refused job={job} />}
      {job?.state === 'finished' && !job.undo_of && outcomeOf(job).done > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          loading={pending}
          leftSection={<IconArrowBackUp size={16} />}
          onClick={bulk.undo}
        >
          {t('bulk.undo')}
        </Button>
      )}
    </div>
  );
}

function Words({ job }: { job: BulkJob }) {
  const { t } = useTranslation('desk');
  if (job.state === 'running') {
    return t('bulk.progress', { done: job.done, total: job.total });
  }
  const { done } = outcomeOf(job);
  return t(job.undo_of ? 'bulk.undone' : 'bulk.done', { count: done });
}

/** Which tickets were not changed, and why. */
function Refused({ job }: { job: BulkJob }) {
  const { t } = useTranslation('desk');
  const { t: common } = useTranslation();
  const words = useCodeWords();
  const client = useQueryClient();
  const { refused } = outcomeOf(job);
  if (refused.length === 0) return null;
  const why = (code: string) => words(code, placeOf(job)) ?? common('errors.unexpected');
  return (
    <ul className={classes.refused}>
      {refused.map(({ code, ids }) => (
        <li key={code}>
          <strong>{t('bulk.refused', { count: ids.length })}</strong> {why(code)}{' '}
          <span className={classes.numbers}>
            {ids.map((id) => knownTicket(client, id)?.ticket_number ?? `#${id}`).join(', ')}
          </span>
        </li>
      ))}
    </ul>
  );
}
