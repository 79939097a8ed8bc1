import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Plan } from '~/api/types';
import { PlanForm } from './PlanForm';

type Props = {
  /** The one to change; without it another one is made. */
  plan?: Plan;
  plans: Plan[];
  onDone: (said: string) => void;
};

/** Makes a plan, or changes one. */
export function PlanDialog(props: Props) {
  const { t } = useTranslation('operator');
  const { t: common } = useTranslation();
  const [opened, setOpened] = useState(false);
  const { plan } = props;
  const close = () => setOpened(false);
  return (
    <>
      {plan ? (
        <Button
          size="xs"
          variant="default"
          aria-label={t('plans.edit_label', { name: plan.name })}
          onClick={() => setOpened(true)}
        >
          {t('plans.edit')}
        </Button>
      ) : (
        <Button onClick={() => setOpened(true)}>{t('plans.new')}</Button>
      )}
      <Modal
        opened={opened}
        onClose={close}
        size="lg"
        title={plan ? t('plans.edit_title', { name: plan.name }) : t('plans.new')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <PlanForm {...props} onClose={close} />
      </Modal>
    </>
  );
}
