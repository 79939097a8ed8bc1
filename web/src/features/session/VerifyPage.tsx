import { Button, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { isPassing } from '~/api/problem';
import { ErrorState } from '~/ui/ErrorState';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';

/** Where the link of the confirmation mail leads. */
export function VerifyPage() {
  const { t } = useTranslation('session');
  const { token } = useSearch({ from: '/verify' });
  // A query, although it changes something: the token is good for one use, and a query
  // runs once however often the page is drawn.
  const verified = useQuery({
    queryKey: ['email', 'verify', token],
    queryFn: async () => {
      await unwrap(door.POST('/api/v1/auth/email/verify', { body: { token } }));
      return true;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (verified.isPending) {
    return (
      <DoorFrame title={t('verify.title')} subtitle={t('verify.working')}>
        <div className={frame.foot}>
          <Loader size="sm" aria-label={t('verify.working')} />
        </div>
      </DoorFrame>
    );
  }
  if (verified.isError && isPassing(verified.error)) {
    return (
      <DoorFrame title={t('verify.title')}>
        <ErrorState
          title={t('unreachable.title')}
          error={verified.error}
          onRetry={() => void verified.refetch()}
        />
      </DoorFrame>
    );
  }
  const outcome = verified.isSuccess ? 'done' : 'failed';
  return (
    <DoorFrame title={t(`verify.${outcome}_title`)} subtitle={t(`verify.${outcome}_text`)}>
      <Button component={Link} to="/login" fullWidth mt={24}>
        {t('verify.to_sign_in')}
      </Button>
    </DoorFrame>
  );
}
