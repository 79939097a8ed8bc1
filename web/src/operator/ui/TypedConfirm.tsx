import { Button, Group, Modal, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';

/** Asks before something that takes much away: the name has to be typed, so that it is the right one. */
export function TypedConfirm(props: {
  opened: boolean;
  title: string;
  text: string;
  /** What has to be typed. */
  name: string;
  submit: string;
  destructive?: boolean;
  /** Further choices, above the name. */
  children?: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form(props: Parameters<typeof TypedConfirm>[0]) {
  const { t } = useTranslation('operator');
  const { t: common } = useTranslation();
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    const fits = typed.trim() === props.name;
    setFault(!fits);
    if (!fits) return;
    props.onConfirm();
    props.onClose();
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p style={{ margin: 0, overflowWrap: 'anywhere' }}>{props.text}</p>
      {props.children}
      <TextInput
        label={t('typed.label', { name: props.name })}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
        value={typed}
        error={fault ? t('typed.wrong') : null}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onClose}>
          {common('cancel')}
        </Button>
        <Button type="submit" color={props.destructive ? 'red.8' : undefined}>
          {props.submit}
        </Button>
      </Group>
    </form>
  );
}
