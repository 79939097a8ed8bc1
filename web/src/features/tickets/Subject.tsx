import { ActionIcon, Button, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconPencil } from '~/ui/icons';
import { useChange } from './changes';
import { LONGEST } from './longest';
import classes from './TicketPage.module.css';

/** What a ticket is about, and the way to word it better. */
export function Subject({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('desk');
  const [editing, setEditing] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  function close() {
    setEditing(false);
    pencil.current?.focus();
  }
  return (
    <>
      <h1 className={editing ? 'visually-hidden' : classes.subject} title={ticket.subject}>
        {ticket.subject}
      </h1>
      {editing && <SubjectForm ticket={ticket} onClose={close} />}
      {ticket.status !== 'closed' && (
        <ActionIcon
          ref={pencil}
          variant="subtle"
          color="gray"
          aria-label={t('subject.change')}
          aria-expanded={editing}
          onClick={() => setEditing(!editing)}
        >
          <IconPencil size={18} />
        </ActionIcon>
      )}
    </>
  );
}

/** Closes when it is saved; what was typed stays where the server refuses it, and where a colleague was faster. */
function SubjectForm({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const { t: session } = useTranslation('session');
  const change = useChange(ticket);
  const [typed, setTyped] = useState(ticket.subject);
  const [before] = useState(ticket.subject);
  const subject = typed.trim();
  const overtaken = ticket.subject !== before && ticket.subject !== subject;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (subject === before) onClose();
    else if (subject) change.mutate({ kind: 'subject', to: subject }, { onSuccess: onClose });
  }
  return (
    <form className={classes.rename} onSubmit={submit}>
      <TextInput
        size="xs"
        className={classes.wide}
        aria-label={t('subject.label')}
        autoFocus
        autoComplete="off"
        maxLength={LONGEST.subject}
        value={typed}
        description={overtaken && t('about.overtaken', { value: ticket.subject })}
        inputWrapperOrder={['input', 'description', 'error']}
        error={subject ? null : session('required')}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      />
      <Button size="xs" type="submit" loading={change.isPending}>
        {t('subject.save')}
      </Button>
    </form>
  );
}
