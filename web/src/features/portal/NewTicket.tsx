import { useTranslation } from 'react-i18next';
import { useTitle } from '~/ui/useTitle';
import { TicketForm } from '../tickets/TicketForm';
import portal from './Portal.module.css';

/** A customer asks for help. */
export function NewTicket() {
  const { t } = useTranslation('portal');
  useTitle(t('form.title'));
  return (
    <>
      <h1 className={portal.title}>{t('form.title')}</h1>
      <p className={portal.intro}>{t('form.intro')}</p>
      <div className={portal.card}>
        <TicketForm />
      </div>
    </>
  );
}
