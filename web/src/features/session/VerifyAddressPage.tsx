import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { useWait } from './countdown';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { DeadLink, isDeadLink, isToken } from './links';
import { me } from './me';
import { Refusal } from './Refusal';

/** Where the link leads that a new address got: only now it takes the place of the old one. */
export function VerifyAddressPage() {
  const { t } = useTranslation(['session', 'entry']);
  const { t: common } = useTranslation();
  const { token } = useSearch({ from: '/verify-address' });
  const client = useQueryClient();
  const confirm = useMutation({
    mutationFn: () => unwrap(door.POST('/api/v1/auth/email/change/confirm', { body: { token } })),
    onSuccess: () => client.invalidateQueries({ queryKey: me.queryKey }),
  });
  const wait = useWait(confirm.error);
  if (!isToken(token) || isDeadLink(confirm.error)) {
    return (
      <DeadLink text={t('entry:address.failed_text')}>
        <Button component={Link} to="/account" fullWidth>
          {t('entry:address.again')}
        </Button>
      </DeadLink>
    );
  }
  if (confirm.isSuccess) {
    return (
      <DoorFrame title={t('entry:address.done_title')} subtitle={t('entry:address.done_text')}>
        <Button component={Link} to="/" fullWidth mt={24}>
          {common('continue')}
        </Button>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title={t('entry:address.title')} subtitle={t('entry:address.text')}>
      <div className={frame.form}>
        <Refusal error={confirm.error} />
        <Button
          fullWidth
          autoFocus
          loading={confirm.isPending}
          disabled={wait > 0}
          onClick={() => confirm.mutate()}
        >
          {t('entry:address.submit')}
        </Button>
      </div>
    </DoorFrame>
  );
}
