import { Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator, OperatorLogin } from '~/api/types';
import { answerProof, useAsked } from '~/features/session/stepUp';
import page from '~/ui/page.module.css';
import { CodeForm } from './CodeForm';
import { PasswordForm } from './PasswordForm';
import { type Due, welcome } from './session';

/** What closes doors asks for both factors within the last quarter of an hour: here they are shown once more. */
export function SignInAgain({ operator }: { operator: Operator }) {
  const { t } = useTranslation('operator');
  const { t: common } = useTranslation();
  const asked = useAsked();
  return (
    <Modal
      opened={asked}
      // Above whatever dialog the refused request came from.
      zIndex={400}
      onClose={() => answerProof(false)}
      title={t('again.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <div className={page.form}>
        <p className={page.text}>{t('again.text')}</p>
        <Steps email={operator.email} />
      </div>
    </Modal>
  );
}

function Steps({ email }: { email: string }) {
  const [due, setDue] = useState<Due | null>(null);
  function done(login: OperatorLogin) {
    welcome(login);
    answerProof(true);
  }
  // Whoever has a session has a second factor.
  return due ? (
    <CodeForm challenge={due.token} onDone={done} />
  ) : (
    <PasswordForm email={email} onDue={setDue} />
  );
}
