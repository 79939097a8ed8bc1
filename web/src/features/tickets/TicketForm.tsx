import { Alert, Button, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { app, once, unwrap } from '~/api/client';
import { isOverQuota } from '~/api/problem';
import { useOnceKey } from '~/api/useOnceKey';
import { useExplain } from '~/ui/explain';
import { QuotaRefusal } from '../plan/QuotaRefusal';
import { fieldErrors } from '../session/fields';
import { takeTicket } from './cache';
import classes from './TicketForm.module.css';

const LONGEST = { subject: 255, description: 65_536 } as const;

/** What a ticket begins with. `requester`: whom it is opened for, when not for oneself. */
export function TicketForm({ requester }: { requester?: number }) {
  const { t } = useTranslation('portal');
  const { t: common } = useTranslation();
  const { t: session } = useTranslation('session');
  const explain = useExplain();
  const client = useQueryClient();
  const navigate = useNavigate();
  const keyOf = useOnceKey();
  const check = (value: string, max: number) => {
    if (!value.trim()) return session('required');
    return [...value].length > max ? t('form.too_long', { max }) : null;
  };
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { subject: '', description: '' },
    validate: {
      subject: (value) => check(value, LONGEST.subject),
      description: (value) => check(value, LONGEST.description),
    },
  });
  const open = useMutation({
    mutationFn: (body: typeof form.values & { user_id?: number }) =>
      unwrap(app.POST('/api/v1/tickets', { body, headers: once(keyOf(body)) })),
    onSuccess: async (ticket) => {
      takeTicket(client, ticket, true);
      await navigate({ to: '/tickets/$number', params: { number: ticket.ticket_number } });
    },
    onError: (error) => form.setErrors(fieldErrors(session, error)),
  });
  function submit({ subject, description }: typeof form.values) {
    const body = { subject: subject.trim(), description: description.trim() };
    open.mutate(requester === undefined ? body : { ...body, user_id: requester });
  }
  return (
    <form className={classes.form} noValidate onSubmit={form.onSubmit(submit)}>
      {isOverQuota(open.error) ? (
        <QuotaRefusal error={open.error} />
      ) : (
        open.isError && (
          <Alert color="red" variant="light" role="alert">
            {explain(open.error)}
          </Alert>
        )
      )}
      <TextInput
        label={t('form.subject')}
        description={t('form.subject_hint')}
        autoFocus
        autoComplete="off"
        key={form.key('subject')}
        {...form.getInputProps('subject')}
      />
      <Textarea
        label={t('form.description')}
        description={t('form.description_hint')}
        autosize
        minRows={7}
        maxRows={20}
        key={form.key('description')}
        {...form.getInputProps('description')}
      />
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
