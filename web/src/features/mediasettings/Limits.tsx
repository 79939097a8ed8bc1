import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '~/ui/ErrorState';
import { Section } from '~/ui/Section';
import { LimitsForm } from './LimitsForm';
import { mediaSettings } from './queries';

/** How much of files one person may have, in whatever state that is. */
export function Limits() {
  const { t } = useTranslation('arrange');
  const settings = useQuery(mediaSettings);
  return (
    <Section id="media-limits" title={t('media_limits.title')} text={t('media_limits.text')}>
      {settings.data ? (
        // They have no version of their own: when they were read tells which are newer.
        <LimitsForm settings={{ ...settings.data, version: settings.dataUpdatedAt }} />
      ) : settings.isError ? (
        <ErrorState
          title={t('error')}
          error={settings.error}
          onRetry={() => void settings.refetch()}
        />
      ) : (
        <div role="status" aria-busy="true" aria-label={t('loading')}>
          <Skeleton height={240} radius={8} />
        </div>
      )}
    </Section>
  );
}
