import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { site } from '~/app/site';
import { DoorFrame } from '../session/DoorFrame';
import { useProvisioning } from './status';

/**
 * Lets nobody try to sign in where there is no helpdesk, none yet, or none at the moment. One that is
 * being deleted lets its `admins` in.
 */
export function Gate({ children, admins }: { children: ReactNode; admins?: boolean }) {
  const { t } = useTranslation('session');
  const slug = site.kind === 'tenant' ? site.slug : '';
  const { data: status } = useProvisioning(slug);
  // As long as nothing is known, the page is shown: it explains its own refusals too.
  if (status === undefined || status === 'active') return children;
  if (status === 'provisioning') {
    return (
      <DoorFrame title={t('preparing.title')} subtitle={t('preparing.text')}>
        <Loader size="sm" mt={20} aria-label={t('preparing.title')} />
      </DoorFrame>
    );
  }
  if (status === 'deleting') {
    if (admins) return children;
    return <DoorFrame title={t('deleting.title')} subtitle={t('deleting.text')} />;
  }
  if (status === 'suspended') {
    return <DoorFrame title={t('suspended.title')} subtitle={t('suspended.text')} />;
  }
  return (
    <DoorFrame
      title={t('no_helpdesk.title')}
      subtitle={t('no_helpdesk.text', { address: window.location.host })}
    >
      <Button component="a" href={`//app.${site.domain}/signup`} fullWidth mt={24}>
        {t('no_helpdesk.create')}
      </Button>
    </DoorFrame>
  );
}
