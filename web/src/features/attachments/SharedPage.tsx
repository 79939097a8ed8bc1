import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { site } from '~/app/site';
import { ErrorState } from '~/ui/ErrorState';
import { useSize } from '~/ui/size';
import { fullTime } from '~/ui/time';
import { DoorFrame } from '../session/DoorFrame';
import { sharedFile } from './queries';

/** Where the link leads by which somebody was given one file. The token stands behind the hash, which reaches no log. */
export function SharedPage() {
  const { t, i18n } = useTranslation('attachments');
  const size = useSize();
  const token = useRouterState({ select: (state) => state.location.hash });
  const shared = useQuery({ ...sharedFile(token), enabled: token !== '' });
  const isDead =
    token === '' || (shared.error instanceof ApiError && [404, 422].includes(shared.error.status));
  if (isDead) return <DoorFrame title={t('shared.dead')} subtitle={t('shared.dead_text')} />;
  if (shared.isError) {
    return (
      <DoorFrame title={t('shared.title')}>
        <ErrorState
          title={t('shared.error')}
          error={shared.error}
          onRetry={() => void shared.refetch()}
        />
      </DoorFrame>
    );
  }
  const file = shared.data;
  if (!file) {
    return (
      <DoorFrame title={t('shared.title')}>
        <p role="status" className="visually-hidden">
          {t('shared.loading')}
        </p>
      </DoorFrame>
    );
  }
  const slug = site.kind === 'tenant' ? site.slug : '';
  const until = fullTime(file.expires_at, i18n.language);
  return (
    <DoorFrame
      title={file.filename}
      subtitle={
        <>
          {t('shared.from', { slug, host: window.location.host })}
          <br />
          {t('shared.about', { size: size(file.file_size), until })}
        </>
      }
    >
      <Button component="a" href={file.url} download={file.filename} fullWidth mt={24}>
        {t('shared.download')}
      </Button>
    </DoorFrame>
  );
}
