import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { Confirm } from '~/ui/Confirm';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { Refusal } from '../session/Refusal';
import { keys, secondFactor } from './queries';
import { RecoveryCodes } from './RecoveryCodes';

/** Below this many it is time for new ones. */
const FEW = 3;

/** The codes for the day when the phone is gone. Nothing for somebody without a second factor. */
export function RecoverySection() {
  const { t } = useTranslation('account');
  const client = useQueryClient();
  const { data: known } = useQuery(secondFactor);
  const [asked, setAsked] = useState(false);
  const renew = useMutation({
    mutationFn: () => unwrap(control.POST('/api/v1/auth/2fa/recovery-codes', {})),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.secondFactor }),
  });
  if (!known || (!known.totp && known.passkeys === 0)) return null;
  const left = known.recovery_codes_left;
  return (
    <Section id="recovery" title={t('recovery.title')} text={t('recovery.left', { count: left })}>
      {left < FEW && <div className={page.hint}>{t('recovery.few')}</div>}
      <Refusal error={renew.error} />
      <div className={page.foot}>
        <Button variant="default" loading={renew.isPending} onClick={() => setAsked(true)}>
          {t('recovery.renew')}
        </Button>
      </div>
      <Confirm
        opened={asked}
        title={t('recovery.renew_title')}
        text={t('recovery.renew_text')}
        submit={t('recovery.renew')}
        onConfirm={() => renew.mutate()}
        onClose={() => setAsked(false)}
      />
      <Modal
        opened={renew.isSuccess}
        onClose={renew.reset}
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
        size="lg"
        title={t('recovery.title')}
      >
        <RecoveryCodes codes={renew.data?.recovery_codes ?? []} onSaved={renew.reset} />
      </Modal>
    </Section>
  );
}
