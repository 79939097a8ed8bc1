import { Alert, Button, Group, Modal } from '@mantine/core';
import { type FormEvent, type ReactNode, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { Confirm } from '~/ui/Confirm';
import { type Place, useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { useFocusBack } from '~/ui/useFocusBack';
import { useHold } from '~/ui/useHold';
import { Changed } from './Changed';
import type { Others } from './useTyped';

/** How far the saving of a form is. */
export type Saving = {
  pending: boolean;
  /** Why it was not saved, unless a field says so itself. */
  error: Error | null;
  /** What is said of single fields. */
  faults: Record<string, string>;
};

type Props = {
  title: string;
  /** What the button does, where that is not to save. */
  submit?: string;
  /** Whether what it does is final. */
  final?: boolean;
  /** How far the saving is; left out where something is only asked. */
  saving?: Saving;
  /** What others have changed meanwhile, where something that exists is changed. */
  others?: Others;
  /** Where it is saved: it says what a conflict is with. */
  place?: Place;
  /** Whether something was typed that closing would lose. */
  dirty: boolean;
  size?: string;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
};

/** A thing that is asked, made or changed in a dialog: its fields, what is wrong, and the way out. */
export function FormDialog(props: Props) {
  const { t } = useTranslation('arrange');
  const { t: common } = useTranslation();
  const { saving, others } = props;
  const isStale = saving?.error instanceof ApiError && saving.error.status === 412;
  // What one has saved oneself comes back as another version, too.
  const met = saving?.pending ? null : others?.met;
  const [leaving, setLeaving] = useState(false);
  const close = () => (props.dirty ? setLeaving(true) : props.onClose());
  useHold(useCallback(() => props.dirty, [props.dirty]));
  useFocusBack();
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onSubmit();
  }
  return (
    <Modal
      opened
      onClose={close}
      // The question above it is closed first.
      closeOnEscape={!leaving}
      title={props.title}
      size={props.size ?? (saving ? 'lg' : 'md')}
      // Whoever has filled in a form does not lose it by a click beside it.
      closeOnClickOutside={!saving}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form className={page.form} noValidate onSubmit={submit}>
        {others && met && <Changed met={met} onReload={others.onReload} />}
        {saving?.error && Object.keys(saving.faults).length === 0 && !(met && isStale) && (
          <Refused error={saving.error} place={props.place} />
        )}
        {props.children}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {common('cancel')}
          </Button>
          <Button type="submit" color={props.final ? 'red.8' : undefined} loading={saving?.pending}>
            {props.submit ?? t('save')}
          </Button>
        </Group>
      </form>
      {/* Mounted only now: it would otherwise take the very Escape that asks for it. */}
      {leaving && (
        <Confirm
          opened
          title={t('leave.title')}
          text={t('leave.text')}
          submit={t('leave.submit')}
          stay={t('leave.stay')}
          destructive
          onConfirm={props.onClose}
          onClose={() => setLeaving(false)}
        />
      )}
    </Modal>
  );
}

/** Why nothing was saved. */
function Refused({ error, place }: { error: Error; place: Place | undefined }) {
  const { t } = useTranslation('arrange');
  const explain = useExplain();
  const isStale = error instanceof ApiError && error.status === 412;
  return (
    <Alert color="red" variant="light" role="alert">
      {isStale ? t('changed') : explain(error, place)}
    </Alert>
  );
}
