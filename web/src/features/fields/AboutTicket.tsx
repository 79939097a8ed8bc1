import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { CustomField, Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { labelOf } from '../arrange/label';
import { categoryList, fieldList } from '../arrange/queries';
import { fieldErrors } from '../session/fields';
import { takeTicket } from '../tickets/cache';
import { keys } from '../tickets/keys';
import { CategoryInput } from './CategoryInput';
import { FieldInputs } from './FieldInputs';
import classes from './Fields.module.css';
import { faultsOf, fieldsOf, sentOf, typedOf, type Values } from './values';

/** What somebody has typed over what the ticket has; null where nothing was. */
type Typed = { category: string | null; values: Values };

const NOTHING: Typed = { category: null, values: {} };

/** The category of a ticket and its fields, which are saved together: one asks for the others. */
export function AboutTicket({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation('desk');
  const { t: common } = useTranslation();
  const { data: categories } = useQuery(categoryList);
  const { data: all } = useQuery(fieldList);
  const [typed, setTyped] = useState<Typed>(NOTHING);
  const category = typed.category ?? ticket.category ?? '';
  const [fields, unreadable] = partition(fieldsOf(all ?? [], categories ?? [], category), ticket);
  const values = { ...typedOf(fields, ticket.custom_fields), ...typed.values };
  const saving = useSaveAbout(ticket, () => setTyped(NOTHING));
  if (!categories || !all) return null;
  const dirty = typed !== NOTHING;
  const final = ticket.status === 'closed';
  function submit(event: FormEvent) {
    event.preventDefault();
    saving.submit({
      // Whatever belongs to no field of this category stays as it is.
      custom_fields: { ...(ticket.custom_fields as object), ...sentOf(fields, values) },
      ...(typed.category !== null && { category: typed.category.trim() || null }),
      wrong: faultsOf(fields, values, 'staff'),
    });
  }
  return (
    <form className={classes.form} noValidate onSubmit={submit}>
      <CategoryInput
        categories={categories}
        value={category}
        size="xs"
        disabled={final}
        fault={saving.faults.category}
        onChange={(chosen) => setTyped((now) => ({ ...now, category: chosen }))}
      />
      <FieldInputs
        fields={fields}
        values={values}
        faults={saving.faults}
        side="staff"
        size="xs"
        disabled={final}
        onChange={(changed) => setTyped((now) => ({ ...now, values: changed }))}
      />
      {unreadable.length > 0 && (
        <p className={classes.problem}>
          {t('about.unreadable', {
            fields: unreadable.map((one) => labelOf(one, i18n.language)).join(', '),
          })}
        </p>
      )}
      <Rest ticket={ticket} known={fields.map(({ key }) => key)} />
      {saving.problem && (
        <p className={classes.problem} role="alert">
          {saving.problem}
        </p>
      )}
      {dirty && (
        <div className={classes.foot}>
          <Button size="xs" type="submit" loading={saving.pending}>
            {t('about.save')}
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setTyped(NOTHING);
              saving.forget();
            }}
          >
            {common('cancel')}
          </Button>
        </div>
      )}
    </form>
  );
}

/** Fields whose values can be read, and the others: these are left as they are. */
function partition(fields: CustomField[], ticket: Ticket): [CustomField[], CustomField[]] {
  const isSealed = ({ key }: CustomField) => ticket.unreadable?.includes(key) ?? false;
  return [fields.filter((field) => !isSealed(field)), fields.filter(isSealed)];
}

/** Values for which there is no field here: of programs, or from before. */
function Rest({ ticket, known }: { ticket: Ticket; known: string[] }) {
  const rest = Object.entries((ticket.custom_fields ?? {}) as Record<string, unknown>).filter(
    ([key]) => !known.includes(key),
  );
  if (rest.length === 0) return null;
  return (
    <dl className={classes.rest}>
      {rest.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

type About = {
  category?: string | null;
  custom_fields: Record<string, unknown>;
  wrong: Record<string, 'required' | 'invalid'>;
};

/** Saves category and values; shown when it is saved, because single fields may be refused. */
function useSaveAbout(ticket: Ticket, onSaved: () => void) {
  const { t: session } = useTranslation('session');
  const { t } = useTranslation('desk');
  const client = useQueryClient();
  const explain = useExplain();
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const forget = () => {
    setFaults({});
    setProblem(null);
  };
  const save = useMutation({
    scope: { id: `ticket-${ticket.id}` },
    mutationFn: ({ wrong: _, ...body }: About) =>
      unwrap(
        app.PATCH('/api/v1/tickets/{ticket}', {
          params: { path: { ticket: String(ticket.id) } },
          headers: ifVersion(ticket.version),
          body,
        }),
      ),
    onSuccess: (saved) => {
      if (!takeTicket(client, saved)) void client.invalidateQueries({ queryKey: keys.counts });
      void client.invalidateQueries({ queryKey: keys.history(saved.id) });
      onSaved();
    },
    onError: (error) => {
      const at = fieldErrors(session, error);
      setFaults(at);
      const changed = error instanceof ApiError && error.status === 412;
      if (changed) void client.invalidateQueries({ queryKey: keys.one(ticket.ticket_number) });
      if (changed) setProblem(t('about.changed'));
      else if (Object.keys(at).length === 0) setProblem(explain(error, 'sealed'));
    },
  });
  function submit(about: About) {
    forget();
    const wrong = Object.entries(about.wrong);
    if (wrong.length === 0) return save.mutate(about);
    const said = { required: session('required'), invalid: session('field.invalid') };
    setFaults(Object.fromEntries(wrong.map(([field, code]) => [field, said[code]])));
  }
  return { faults, problem, pending: save.isPending, submit, forget };
}
