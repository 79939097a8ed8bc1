import { Button, Group, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Cluster } from '~/api/types';
import page from '~/ui/page.module.css';
import { limitOf } from './figures';

type Props = {
  cluster: Cluster;
  onLimit: (most: number | null) => void;
  onClose: () => void;
};

/** Asks how many tenants a server may hold. Those that are there stay, however many they are. */
export function LimitDialog({ opened, ...props }: Props & { opened: boolean }) {
  const { t } = useTranslation('operator');
  const { t: common } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      title={t('clusters.limit_title', { name: props.cluster.name })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form({ cluster, onLimit, onClose }: Props) {
  const { t } = useTranslation('operator');
  const { t: common } = useTranslation();
  const [typed, setTyped] = useState(String(cluster.max_tenants ?? ''));
  const [fault, setFault] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    const most = limitOf(typed);
    setFault(most === undefined);
    if (most === undefined) return;
    onLimit(most);
    onClose();
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <TextInput
        label={t('clusters.limit_label')}
        description={t('clusters.limit_text')}
        inputMode="numeric"
        autoComplete="off"
        data-autofocus
        value={typed}
        error={fault ? t('clusters.limit_wrong') : null}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {common('cancel')}
        </Button>
        <Button type="submit">{t('clusters.limit_submit')}</Button>
      </Group>
    </form>
  );
}
