import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';

/** Says the same whether the address was known or not: no page may tell who has an account. */
export function Sent({ email, kind }: { email: string; kind: 'register' | 'magic' | 'forgot' }) {
  const { t } = useTranslation(['session', 'entry']);
  return (
    <DoorFrame title={t('sent_title')} subtitle={t(`entry:${kind}.sent_text`, { email })}>
      <p className={frame.foot}>
        <Link to="/login" search={{ email }}>
          {t('to_sign_in')}
        </Link>
      </p>
    </DoorFrame>
  );
}
