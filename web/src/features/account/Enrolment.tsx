import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LoginAnswer } from '~/api/types';
import { AddPasskey } from '../passkeys/AddPasskey';
import { hasPasskeys } from '../passkeys/webauthn';
import { DoorFrame } from '../session/DoorFrame';
import frame from '../session/DoorFrame.module.css';
import { type Enrolled, enableTotp, setUpTotp } from './api';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup } from './TotpSetup';

/** Administrators come in with a second factor only: whoever has none sets one up first. */
export function Enrolment(props: {
  token: string;
  onDone: (answer: LoginAnswer) => Promise<void>;
  onRestart: () => void;
}) {
  const { t } = useTranslation('account');
  const { t: session } = useTranslation(['session', 'second']);
  const [passkey, setPasskey] = useState(false);
  const [got, setGot] = useState<Enrolled | null>(null);
  const holder = { enrolment: props.token };
  const setUp = () => setUpTotp(holder);
  function done(now: Enrolled) {
    if (now.codes.length > 0) setGot(now);
    else goOn(now);
  }
  function goOn({ login }: Enrolled) {
    if (login) void props.onDone(login);
    else props.onRestart();
  }
  if (got) {
    return (
      <DoorFrame title={t('recovery.title')}>
        <div className={frame.form}>
          <RecoveryCodes codes={got.codes} onSaved={() => goOn(got)} />
        </div>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title={t('enrol.title')} subtitle={t(passkey ? 'enrol.passkey_text' : 'enrol.text')}>
      <div className={frame.form}>
        {passkey ? (
          <AddPasskey holder={holder} onDone={done} />
        ) : (
          <TotpSetup setUp={setUp} enable={(code) => enableTotp(holder, code)} onDone={done} />
        )}
      </div>
      <p className={frame.foot}>
        {hasPasskeys() && (
          <>
            <button type="button" className={frame.link} onClick={() => setPasskey(!passkey)}>
              {t(passkey ? 'enrol.use_app' : 'enrol.use_passkey')}
            </button>
            {' · '}
          </>
        )}
        <button type="button" className={frame.link} onClick={props.onRestart}>
          {session('second:restart')}
        </button>
      </p>
    </DoorFrame>
  );
}
