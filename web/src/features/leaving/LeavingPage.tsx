import { Button, Skeleton } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TenantDeletion } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { fullTime } from '~/ui/time';
import { Exports } from '../exports/ExportsPage';
import { DoorFrame } from '../session/DoorFrame';
import { Refusal } from '../session/Refusal';
import { signOut, usePerson } from '../session/session';
import classes from './LeavingPage.module.css';
import { deletion, takeBack } from './queries';

/** All that an administrator sees of an organisation in its days of grace: when it ends, how not, and everything to take along. */
export function LeavingPage() {
  const { t } = useTranslation('leaving');
  const { organisation } = usePerson().tenant;
  const known = useQuery(deletion);
  const isOpen = known.data?.is_begun === false;
  return (
    <DoorFrame title={t('page.title', { organisation })}>
      <div className={classes.told}>
        {known.isRefetchError && (
          <p className={page.problem} role="alert">
            {t('page.stale')}
          </p>
        )}
        {known.data ? (
          <Told deletion={known.data} />
        ) : known.isError ? (
          <ErrorState
            title={t('page.error')}
            error={known.error}
            onRetry={() => void known.refetch()}
          />
        ) : (
          <Skeleton height={120} aria-label={t('page.loading')} />
        )}
        <Ways keep={isOpen ? known.data?.organisation : undefined} />
        {isOpen && (
          <div className={classes.exports}>
            <Exports secondary />
          </div>
        )}
      </div>
    </DoorFrame>
  );
}

function Told({ deletion: known }: { deletion: TenantDeletion }) {
  const { t, i18n } = useTranslation('leaving');
  const time = (at: string) => fullTime(at, i18n.language);
  const { kind, name } = known.asked_by;
  const who = kind !== 'person' ? 'platform' : name ? 'person' : 'somebody';
  return (
    <>
      <p style={{ margin: 0 }}>
        {t(`page.by.${who}`, { name: name ?? '', time: time(known.asked_at) })}
      </p>
      {known.is_begun ? (
        <div className={page.hint}>{t('page.begun')}</div>
      ) : (
        <>
          <div className={page.hint}>{t('page.until', { time: time(known.delete_after) })}</div>
          <p style={{ margin: 0 }}>{t('page.meanwhile')}</p>
        </>
      )}
    </>
  );
}

/** The ways from here, where no list moves them: the organisation is kept, as long as it can be, or one leaves. */
function Ways({ keep: organisation }: { keep?: string }) {
  const { t } = useTranslation('leaving');
  const keep = useMutation({ mutationFn: takeBack });
  return (
    <>
      <Refusal error={keep.error} />
      <div className={page.foot}>
        {organisation !== undefined && (
          <Button loading={keep.isPending} onClick={() => keep.mutate()}>
            {t('page.keep', { organisation })}
          </Button>
        )}
        <Button variant="subtle" onClick={() => void signOut()}>
          {t('page.sign_out')}
        </Button>
      </div>
    </>
  );
}
