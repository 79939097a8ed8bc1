import { Alert } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TotpSetup } from '~/features/account/TotpSetup';
import { DoorFrame } from '~/features/session/DoorFrame';
import frame from '~/features/session/DoorFrame.module.css';
import { CodeForm } from './CodeForm';
import { PasswordForm } from './PasswordForm';
import { type Due, enable, setUp, welcome } from './session';

/** The operators' own door: a password, and always a second factor. */
export function SignIn({ ended }: { ended: boolean }) {
  const { t } = useTranslation('operator');
  const [due, setDue] = useState<Due | null>(null);
  const restart = () => setDue(null);
  if (due?.kind === 'challenge') {
    return (
      <Second title={t('sign_in.code_title')} text={t('sign_in.code_text')} onRestart={restart}>
        <CodeForm challenge={due.token} onDone={welcome} />
      </Second>
    );
  }
  if (due) {
    return (
      <Second title={t('sign_in.enrol_title')} text={t('sign_in.enrol_text')} onRestart={restart}>
        <TotpSetup
          setUp={() => setUp(due.token)}
          enable={(code) => enable(due.token, code)}
          onDone={welcome}
        />
      </Second>
    );
  }
  return (
    <DoorFrame title={t('sign_in.title')} subtitle={t('sign_in.text')}>
      <div className={frame.form}>
        {ended && (
          <Alert color="yellow" variant="light" role="status">
            {t('sign_in.ended')}
          </Alert>
        )}
        <PasswordForm onDue={setDue} />
      </div>
    </DoorFrame>
  );
}

function Second(props: {
  title: string;
  text: string;
  onRestart: () => void;
  children: React.ReactNode;
}) {
  const { t } = useTranslation(['session', 'second']);
  return (
    <DoorFrame title={props.title} subtitle={props.text}>
      <div className={frame.form}>{props.children}</div>
      <p className={frame.foot}>
        <button type="button" className={frame.link} onClick={props.onRestart}>
          {t('second:restart')}
        </button>
      </p>
    </DoorFrame>
  );
}
