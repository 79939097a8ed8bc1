import { Alert, Button, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ComponentType, lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, once, unwrap } from '~/api/client';
import { ApiError, isOverQuota } from '~/api/problem';
import type { OpenTicket, Ticket } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { allWords } from '~/i18n';
import { type Place, useExplain } from '~/ui/explain';
import { useHold } from '~/ui/useHold';
import { FilesField } from '../attachments/FilesField';
import { moveRows } from '../attachments/rows';
import { sendWaiting } from '../attachments/useFiles';
import { AboutNew, useAbout } from '../fields/AboutNew';
import { QuotaRefusal } from '../plan/QuotaRefusal';
import { fieldErrors } from '../session/fields';
import { takeTicket } from './cache';
import { LONGEST } from './longest';
import classes from './TicketForm.module.css';
import { useBegun } from './useBegun';

type Words = { subject: string; description: string; order_id: string };

/** What whoever opens it tells besides. */
export type Besides = {
  /** Where it is told. */
  fields: ReactNode;
  body: () => Pick<OpenTicket, 'priority' | 'tags' | 'user_id'>;
  setFaults: (faults: Record<string, string>) => void;
  /** It was sent. */
  forget: () => void;
};

/**
 * What may help already; its code and words come while the first word is typed. Whoever writes loses
 * nothing when they do not come.
 */
const Suggestions = lazy<ComponentType<{ subject: string }>>(async () => {
  const part = await Promise.all([import('../help/Suggestions'), allWords()]).catch(() => null);
  return { default: part ? part[0].Suggestions : () => null };
});

type Props = {
  requester?: number;
  followUpOf?: number;
  suggests?: boolean;
  files?: boolean;
  besides?: Besides;
};

/**
 * What a ticket begins with. `requester`: whom it is opened for, when not for oneself; `followUpOf`:
 * the closed ticket that it goes on from; `suggests`: whether articles that may help are shown;
 * `files`: whether files go with it; `besides`: what only staff tell. What was written and not sent is there again for whoever comes back.
 */
export function TicketForm(props: Props) {
  const name = formName(props);
  return <Form key={name} name={name} {...props} />;
}

/** What is begun is kept under this name. */
export function formName({ requester, followUpOf }: Props): string {
  return `${requester ?? 'own'} ${followUpOf ?? ''}`;
}

function Form(props: Props & { name: string }) {
  const { name, requester, followUpOf, suggests, besides } = props;
  const { t } = useTranslation('portal');
  const { t: common } = useTranslation();
  const { begun, keep, forget, isHeld } = useBegun(name);
  useHold(isHeld);
  const form = useWords(begun(), keep);
  const subject = form.getInputProps('subject');
  const [typed, setTyped] = useState(begun().subject);
  const about = useAbout(begun(), keep);
  const opened = ({ id }: Ticket) => {
    forget();
    besides?.forget();
    moveRows(`new ${name}`, `${id} own`);
    sendWaiting();
  };
  const open = useOpen(opened, (error) => {
    form.setErrors(error);
    about.setFaults(error);
    besides?.setFaults(error);
  });
  const { t: opening } = useTranslation('opening');
  function submit({ subject, description, order_id }: Words) {
    if (!about.isSound()) return;
    open.mutate({
      subject: subject.trim(),
      description: description.trim(),
      ...(order_id.trim() && { order_id: order_id.trim() }),
      ...about.body(),
      ...besides?.body(),
      ...(requester !== undefined && { user_id: requester }),
      ...(followUpOf !== undefined && { follow_up_of: followUpOf }),
    });
  }
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={form.onSubmit(submit, () => void about.isSound())}
    >
      {open.isError && (
        <Refused error={open.error} place={followUpOf === undefined ? undefined : 'follow_up'} />
      )}
      <TextInput
        label={t('form.subject')}
        description={t('form.subject_hint')}
        autoFocus
        autoComplete="off"
        key={form.key('subject')}
        {...subject}
        onChange={(event) => {
          subject.onChange(event);
          setTyped(event.currentTarget.value);
        }}
      />
      {suggests && typed.trim() && (
        <Suspense fallback={null}>
          <Suggestions subject={typed} />
        </Suspense>
      )}
      <AboutNew about={about} />
      <TextInput
        label={opening('order')}
        description={opening('order_hint')}
        autoComplete="off"
        key={form.key('order_id')}
        {...form.getInputProps('order_id')}
      />
      {besides?.fields}
      <Textarea
        label={t('form.description')}
        description={t('form.description_hint')}
        autosize
        minRows={7}
        maxRows={20}
        key={form.key('description')}
        {...form.getInputProps('description')}
      />
      {props.files && <FilesField place={`new ${name}`} />}
      <div className={classes.actions}>
        <Button variant="default" component={Link} to="/">
          {common('cancel')}
        </Button>
        <Button type="submit" loading={open.isPending}>
          {t('form.submit')}
        </Button>
      </div>
    </form>
  );
}

/** Subject, description and order, with the server's lengths. */
function useWords({ subject, description, order_id }: Words, keep: (words: Words) => void) {
  const { t } = useTranslation('portal');
  const { t: session } = useTranslation('session');
  const isLong = (value: string, max: number) =>
    [...value].length > max ? t('form.too_long', { max }) : null;
  const check = (value: string, max: number) =>
    value.trim() ? isLong(value, max) : session('required');
  return useForm<Words>({
    mode: 'uncontrolled',
    initialValues: { subject, description, order_id },
    onValuesChange: keep,
    validate: {
      subject: (value) => check(value, LONGEST.subject),
      description: (value) => check(value, LONGEST.description),
      order_id: (value) => isLong(value.trim(), LONGEST.order_id),
    },
  });
}

/** Opens the ticket and goes there, or says what is wrong with which field. */
function useOpen(
  onOpened: (ticket: Ticket) => void,
  onFaults: (faults: Record<string, string>) => void,
) {
  const { t: session } = useTranslation('session');
  const { t } = useTranslation('opening');
  const client = useQueryClient();
  const navigate = useNavigate();
  const keyOf = useOnceKey();
  return useMutation({
    mutationFn: (body: OpenTicket) =>
      unwrap(app.POST('/api/v1/tickets', { body, headers: once(keyOf(body)) })),
    onSuccess: async (ticket) => {
      onOpened(ticket);
      takeTicket(client, ticket, true);
      await navigate({ to: '/tickets/$number', params: { number: ticket.ticket_number } });
    },
    onError: (error) =>
      onFaults({
        ...fieldErrors(session, error),
        ...(isUnknownOrder(error) && { order_id: t('unknown_order') }),
      }),
  });
}

function isUnknownOrder(error: Error): boolean {
  return error instanceof ApiError && error.code === 'unknown_order';
}

/** Why nothing was opened, unless it stands at its field. */
function Refused({ error, place }: { error: Error; place: Place | undefined }) {
  const explain = useExplain();
  if (isUnknownOrder(error)) return null;
  if (isOverQuota(error)) return <QuotaRefusal error={error} />;
  return (
    <Alert color="red" variant="light" role="alert">
      {explain(error, place)}
    </Alert>
  );
}
