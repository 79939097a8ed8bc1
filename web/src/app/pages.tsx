import { Button } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError, isPassing } from '~/api/problem';
import { DoorFrame } from '~/features/session/DoorFrame';
import { useExplain } from '~/ui/explain';

/** An address that leads nowhere. */
export function MissingPage() {
  const { t } = useTranslation();
  return (
    <DoorFrame title={t('missing_page.title')} subtitle={t('missing_page.text')}>
      <Button component={Link} to="/" fullWidth mt={24}>
        {t('missing_page.home')}
      </Button>
    </DoorFrame>
  );
}

/** What is left when a page fails: the server cannot be reached, or we made a mistake. */
export function Broken({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const { t: session } = useTranslation('session');
  const explain = useExplain();
  const router = useRouter();
  if (error instanceof ApiError) {
    return (
      <DoorFrame
        title={isPassing(error) ? session('unreachable.title') : t('errors.unexpected')}
        subtitle={explain(error)}
      >
        <Button fullWidth mt={24} onClick={() => void router.invalidate()}>
          {t('retry')}
        </Button>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title={t('broken.title')} subtitle={t('broken.text')}>
      <Button fullWidth mt={24} onClick={() => window.location.reload()}>
        {t('reload')}
      </Button>
    </DoorFrame>
  );
}
