import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';

/** Whether this can be the token of a mail: one that was cut off is not worth a question. */
export function isToken(token: string): boolean {
  return /^[\w-]{43}$/.test(token);
}

/** Whether a refusal is about the link itself, so that typing anything else is in vain. */
export function isDeadLink(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if ([404, 410].includes(error.status) || error.code === 'link_expired') return true;
  return error.fields.some(({ field }) => field === 'token');
}

/** A link that is used up, too old or cut off, and what leads on. */
export function DeadLink({ text, children }: { text: string; children?: ReactNode }) {
  const { t } = useTranslation(['session', 'entry']);
  return (
    <DoorFrame title={t('entry:verify.failed_title')} subtitle={t('entry:verify.failed_text')}>
      <div className={frame.form}>
        <p className={frame.text}>{text}</p>
        {children}
      </div>
    </DoorFrame>
  );
}
