import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '~/ui/ErrorState';
import { Section } from '~/ui/Section';
import { useSize } from '~/ui/size';
import { Meter } from '../plan/Meter';
import plan from '../plan/Plan.module.css';
import { mediaUsage } from './queries';

/** How much of files the organisation has, beside what its plan gives. */
export function Used() {
  const { t } = useTranslation('arrange');
  const say = useSize();
  const usage = useQuery(mediaUsage);
  const all = usage.data?.organisation;
  return (
    <Section id="media-used" title={t('media_limits.used')} text={t('media_limits.used_text')}>
      {all ? (
        <div className={plan.meters}>
          <Meter
            label={t('media_limits.room')}
            used={all.used.bytes}
            allowed={all.allowed.bytes}
            say={say}
          />
          <Meter
            label={t('media_limits.files')}
            used={all.used.files}
            allowed={all.allowed.files}
          />
          <Meter
            label={t('media_limits.today')}
            used={all.used.today}
            allowed={all.allowed.today}
          />
        </div>
      ) : usage.isError ? (
        <ErrorState title={t('error')} error={usage.error} onRetry={() => void usage.refetch()} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t('loading')}>
          <Skeleton height={40} radius={8} />
        </div>
      )}
    </Section>
  );
}
