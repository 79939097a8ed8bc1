import { Alert, Button, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { me, useResend } from './me';
import { whoIsHere } from './session';

/** A link that is used up or too old, or an address without one (`cut`), and the way to another. */
export function VerifyFailed({ cut }: { cut: boolean }) {
  const { t } = useTranslation(['session', 'entry']);
  const client = useQueryClient();
  const here = useQuery({
    queryKey: ['verify', 'here'],
    queryFn: async () =>
      (await whoIsHere()).state === 'person' ? await client.fetchQuery(me) : null,
    gcTime: 0,
    retry: false,
  });
  return (
    <DoorFrame
      title={t(cut ? 'entry:verify.title' : 'entry:verify.failed_title')}
      subtitle={t(cut ? 'entry:verify.cut_text' : 'entry:verify.failed_text')}
    >
      {here.isPending ? (
        <div className={frame.foot}>
          <Loader size="sm" aria-label={t('entry:verify.failed_title')} />
        </div>
      ) : here.data ? (
        <SendAnother email={here.data.email} verified={here.data.email_verified} />
      ) : (
        <SignInFirst />
      )}
    </DoorFrame>
  );
}

/** For somebody who is signed in: the server knows whose address it is. */
function SendAnother({ email, verified }: { email: string; verified: boolean }) {
  const { t } = useTranslation(['session', 'entry']);
  const { t: common } = useTranslation();
  const explain = useExplain();
  const resend = useResend();
  if (verified) {
    return (
      <div className={frame.form}>
        <p className={frame.text}>{t('entry:verify.already')}</p>
        <Button component={Link} to="/" fullWidth>
          {common('continue')}
        </Button>
      </div>
    );
  }
  return (
    <div className={frame.form}>
      {resend.isError && (
        <Alert color="red" variant="light" role="alert">
          {explain(resend.error)}
        </Alert>
      )}
      <p className={frame.text} role="status">
        {t(resend.isSuccess ? 'entry:verify.sent' : 'entry:verify.signed_in', { email })}
      </p>
      {!resend.isSuccess && (
        <Button fullWidth loading={resend.isPending} onClick={() => resend.mutate()}>
          {t('entry:verify.again')}
        </Button>
      )}
      <Button component={Link} to="/" fullWidth variant="default">
        {common('continue')}
      </Button>
    </div>
  );
}

function SignInFirst() {
  const { t } = useTranslation(['session', 'entry']);
  return (
    <div className={frame.form}>
      <p className={frame.text}>{t('entry:verify.sign_in_text')}</p>
      <Button component={Link} to="/login" fullWidth>
        {t('to_sign_in')}
      </Button>
      <Button component={Link} to="/register" fullWidth variant="default">
        {t('entry:verify.register_again')}
      </Button>
    </div>
  );
}
