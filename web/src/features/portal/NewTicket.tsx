import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { TicketForm } from '../tickets/TicketForm';

/** A customer asks for help. */
export function NewTicket() {
  const { t } = useTranslation('portal');
  useTitle(t('form.title'));
  return (
    <>
      <h1 className={page.title}>{t('form.title')}</h1>
      <p className={page.intro}>{t('form.intro')}</p>
      <div className={page.card}>
        <TicketForm />
      </div>
    </>
  );
}
