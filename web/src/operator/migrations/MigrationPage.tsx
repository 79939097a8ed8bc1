import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Migration, MigrationTarget } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { IconArrowLeft } from '~/ui/icons';
import { Mark } from '~/ui/Mark';
import page from '~/ui/page.module.css';
import { fullTime } from '~/ui/time';
import { useTitle } from '~/ui/useTitle';
import { Bar } from '../ui/Bar';
import { Promised } from '../ui/Listing';
import { useSeen } from '../ui/progress';
import { Said } from '../ui/Said';
import { Stale } from '../ui/Stale';
import ui from '../ui/ui.module.css';
import { oneMigration } from './queries';
import { RunActions } from './RunActions';
import { ended, TONES } from './rules';
import { Targets } from './Targets';

const STATES = ['failed', 'running', 'pending', 'done'] as const;

/** One run: how far it has come, what has failed, and what can be done about it. */
export function MigrationPage() {
  const { t } = useTranslation('operator');
  const { id = '' } = useParams({ strict: false });
  const run = useQuery(oneMigration(id));
  const title = run.data
    ? t('migrations.to', { version: run.data.target_version })
    : t('migrations.run');
  useTitle(title);
  return (
    <>
      <Link to="/migrations" className={ui.back}>
        <IconArrowLeft size={16} aria-hidden="true" />
        {t('migrations.title')}
      </Link>
      <h1 className={page.title}>{title}</h1>
      {run.data ? (
        <Known run={run.data} stale={run.isRefetchError} />
      ) : run.isPending ? (
        <Promised />
      ) : (
        <div className={page.card}>
          <ErrorState
            title={t('list.error')}
            error={run.error}
            onRetry={() => void run.refetch()}
          />
        </div>
      )}
    </>
  );
}

function Known({ run, stale }: { run: Migration; stale: boolean }) {
  const { t } = useTranslation('operator');
  const seen = useSeen();
  const [said, setSaid] = useState('');
  const [state, setState] = useState<MigrationTarget['state']>('failed');
  const goesOn = run.state === 'running';
  const counts = { failed: run.failed, running: run.running, pending: run.pending, done: run.done };
  return (
    <>
      <Stale when={stale} />
      <Facts run={run} />
      <div className={ui.large}>
        <Bar
          label={t('migrations.databases')}
          done={ended(run)}
          total={run.total}
          seen={goesOn ? seen(run.id, ended(run)) : undefined}
        />
      </div>
      <Said>{said}</Said>
      <RunActions run={run} onDone={setSaid} />
      <section aria-labelledby="databases" style={{ marginTop: 24 }}>
        <h2 id="databases" className={page.heading}>
          {t('migrations.databases')}
        </h2>
        <SegmentedControl
          mt="xs"
          size="xs"
          aria-label={t('migrations.which')}
          value={state}
          onChange={(next) => setState(next as MigrationTarget['state'])}
          data={STATES.map((value) => ({
            value,
            label: t(`migrations.which_state.${value}`, { number: counts[value] }),
          }))}
        />
        <Targets run={run.id} state={state} moving={goesOn} />
      </section>
    </>
  );
}

function Facts({ run }: { run: Migration }) {
  const { t, i18n } = useTranslation('operator');
  const wave = run.wave ?? null;
  return (
    <dl className={ui.facts}>
      <div>
        <dt>{t('migrations.state')}</dt>
        <dd>
          <Mark tone={TONES[run.state]}>{t(`migrations.states.${run.state}`)}</Mark>
          {run.reason && <span className={ui.reason}>{run.reason}</span>}
        </dd>
      </div>
      <div>
        <dt>{t('migrations.wave')}</dt>
        <dd>{wave === null ? '–' : t(`migrations.waves.${Math.min(wave, 3) as 0}`)}</dd>
      </div>
      <div>
        <dt>{t('migrations.field.parallel')}</dt>
        <dd>{run.parallel}</dd>
      </div>
      <div>
        <dt>{t('migrations.field.max_failures')}</dt>
        <dd>
          {new Intl.NumberFormat(i18n.language, {
            style: 'percent',
            maximumFractionDigits: 2,
          }).format(run.max_failures / 100)}
        </dd>
      </div>
      <div>
        <dt>{t('migrations.begun')}</dt>
        <dd>{fullTime(run.created_at, i18n.language)}</dd>
      </div>
      <div>
        <dt>{t('migrations.ended')}</dt>
        <dd>{run.finished_at ? fullTime(run.finished_at, i18n.language) : '–'}</dd>
      </div>
    </dl>
  );
}
