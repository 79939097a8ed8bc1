import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { useResend } from './me';

/** What one's own address has to be confirmed for, and the way to have the link sent again. */
export function ProveFirst({ children }: { children: ReactNode }) {
  const { t } = useTranslation('session');
  const explain = useExplain();
  const resend = useResend();
  return (
    <div role="alert" className={page.hint}>
      {children}{' '}
      {resend.isSuccess ? (
        <strong>{t('verify.resent')}</strong>
      ) : (
        <Button size="compact-xs" variant="default" onClick={() => resend.mutate()}>
          {t(resend.isPending ? 'verify.resending' : 'verify.resend')}
        </Button>
      )}
      {resend.isError && <span> {explain(resend.error)}</span>}
    </div>
  );
}
