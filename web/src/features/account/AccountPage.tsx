import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { AddressSection } from './AddressSection';
import { PasskeySection } from './PasskeySection';
import { PasswordSection } from './PasswordSection';
import { ProfileSection } from './ProfileSection';
import { RecoverySection } from './RecoverySection';
import { SessionSection } from './SessionSection';
import { TotpSection } from './TotpSection';

/** Who one is, and how one's own account is guarded; the same for staff and customers. */
export function AccountPage() {
  const { t } = useTranslation('account');
  useTitle(t('title'));
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      <ProfileSection />
      <PasswordSection />
      <AddressSection />
      <TotpSection />
      <PasskeySection />
      <RecoverySection />
      <SessionSection />
    </>
  );
}
