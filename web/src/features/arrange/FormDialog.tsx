import { Alert, Button, Group, Modal } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';

type Props = {
  title: string;
  submit: string;
  pending: boolean;
  /** Why it was not saved, unless a field says so itself. */
  error: Error | null;
  /** What is said of single fields. */
  faults: Record<string, string>;
  size?: string;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
};

/** A thing that is made or changed in a dialog: its fields, what is wrong, and the way out. */
export function FormDialog(props: Props) {
  const { t: common } = useTranslation();
  const { error, faults } = props;
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onSubmit();
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size={props.size ?? 'lg'}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form className={page.form} noValidate onSubmit={submit}>
        {error && Object.keys(faults).length === 0 && <Refused error={error} />}
        {props.children}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={props.pending}>
            {props.submit}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** Why nothing was saved. A conflict is told in the server's own words: it says with what. */
function Refused({ error }: { error: Error }) {
  const { t } = useTranslation('arrange');
  const explain = useExplain();
  const { status, detail } = error instanceof ApiError ? error : { status: 0, detail: '' };
  return (
    <Alert color="red" variant="light" role="alert">
      {status === 412 ? t('changed') : status === 409 && detail ? detail : explain(error)}
    </Alert>
  );
}
