import { Button, Group, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A button, and the dialog that it opens; what stands in it may close it. */
export function InDialog(props: {
  act: string;
  /** How the button looks. */
  variant?: 'default' | 'filled';
  title: string;
  children: (close: () => void) => ReactNode;
}) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <>
      <Button variant={props.variant ?? 'default'} onClick={() => setOpened(true)}>
        {props.act}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={props.title}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {props.children(close)}
      </Modal>
    </>
  );
}

/** The end of a form in a dialog. */
export function FormEnd(props: { submit: string; pending: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={props.onClose}>
        {t('cancel')}
      </Button>
      <Button type="submit" loading={props.pending}>
        {props.submit}
      </Button>
    </Group>
  );
}
