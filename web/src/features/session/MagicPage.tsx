import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import type { LoginAnswer } from '~/api/types';
import { useWait } from './countdown';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { DeadLink, isDeadLink, isToken } from './links';
import { Refusal } from './Refusal';
import { SecondStep } from './SecondStep';
import { useWayIn } from './wayIn';

/**
 * Where the link leads that signs a customer in. Nothing is sent before somebody presses the button:
 * programs that look for viruses open links too, and this one is good for one use.
 */
export function MagicPage() {
  const { t } = useTranslation(['session', 'entry']);
  const { token } = useSearch({ from: '/magic' });
  const way = useWayIn();
  const login = useMutation({
    mutationFn: async (): Promise<LoginAnswer> =>
      unwrap(door.POST('/api/v1/auth/magic-link/login', { body: { token, client: 'browser' } })),
    onSuccess: way.come,
  });
  const wait = useWait(login.error);
  if (way.due) return <SecondStep due={way.due} way={way} />;
  if (!isToken(token) || isDeadLink(login.error)) {
    return (
      <DeadLink text={t('entry:magic.failed_text')}>
        <Button component={Link} to="/login" fullWidth>
          {t('to_sign_in')}
        </Button>
      </DeadLink>
    );
  }
  return (
    <DoorFrame
      title={t('entry:magic.title')}
      subtitle={t('entry:magic.text', { address: window.location.host })}
    >
      <div className={frame.form}>
        <Refusal error={login.error} />
        <Button
          fullWidth
          autoFocus
          loading={login.isPending || login.isSuccess}
          disabled={wait > 0}
          onClick={() => login.mutate()}
        >
          {t('entry:magic.submit')}
        </Button>
      </div>
    </DoorFrame>
  );
}
