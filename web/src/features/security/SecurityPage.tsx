import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { CustomersSection } from './CustomersSection';
import { ProviderSection } from './ProviderSection';
import { SupportSection } from './SupportSection';
import { TeamSection } from './TeamSection';

/** How the organisation is guarded: who has a second factor, how customers come in, its own sign-in, and our support. */
export function SecurityPage() {
  const { t } = useTranslation('security');
  useTitle(t('title'));
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      <TeamSection />
      <CustomersSection />
      <ProviderSection />
      <SupportSection />
    </>
  );
}
