import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DoorFrame } from '../session/DoorFrame';
import frame from '../session/DoorFrame.module.css';
import { type Account, AccountStep } from './AccountStep';
import { type Organisation, OrganisationStep } from './OrganisationStep';
import { Steps } from './Steps';

/** Sign-up of an organisation: its name and address, then its administrator. */
export function SignupPage() {
  const { t } = useTranslation('signup');
  const navigate = useNavigate();
  const [step, setStep] = useState<1 | 2>(1);
  const [refused, setRefused] = useState<{ slug: string; why: string } | null>(null);
  const [organisation, setOrganisation] = useState<Organisation>({ organisation: '', slug: '' });
  const account = useRef<Account>({ firstname: '', lastname: '', email: '', password: '' });
  return (
    <DoorFrame title={t('title')} subtitle={<Steps current={step} />}>
      {step === 1 ? (
        <OrganisationStep
          initial={organisation}
          refused={refused}
          onDone={(chosen) => {
            setOrganisation(chosen);
            setStep(2);
          }}
        />
      ) : (
        <AccountStep
          organisation={organisation}
          initial={account.current}
          onTyped={(typed) => {
            account.current = typed;
          }}
          onBack={() => setStep(1)}
          onRefused={(why) => {
            setRefused({ slug: organisation.slug, why });
            setStep(1);
          }}
          onDone={(slug) =>
            navigate({
              to: '/signup/$slug',
              params: { slug },
              state: { email: account.current.email.trim() },
              replace: true,
            })
          }
        />
      )}
      <p className={frame.foot}>
        <Link to="/find">{t('find.link')}</Link>
      </p>
    </DoorFrame>
  );
}
