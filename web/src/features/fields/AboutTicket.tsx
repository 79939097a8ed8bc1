import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { CustomField, Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { Outstanding } from '~/ui/Outstanding';
import { labelOf } from '../arrange/label';
import { categoryList, fieldList } from '../arrange/queries';
import { fieldErrors } from '../session/fields';
import { takeTicket } from '../tickets/cache';
import { keys } from '../tickets/keys';
import { CategoryInput } from './CategoryInput';
import { FieldInputs } from './FieldInputs';
import classes from './Fields.module.css';
import { giveUp, overtaken, settle, type Typing, typeIn, useTyping } from './typing';
import { faultKey, faultsOf, fieldsOf, sentOf, typedOf, type Value, type Values } from './values';

/** The category of a ticket and its fields, which are saved together: one asks for the others. */
export function AboutTicket({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation('desk');
  const { t: common } = useTranslation();
  const lists = { categories: useQuery(categoryList), fields: useQuery(fieldList) };
  const [categories, all] = [lists.categories.data, lists.fields.data];
  const typing = useTyping(ticket.id);
  const server = serverOf(ticket, all ?? []);
  const category = String(typing.category?.now ?? server.category);
  const [fields, unreadable] = partition(fieldsOf(all ?? [], categories ?? [], category), ticket);
  const touched = fields.filter((field) => faultKey(field) in typing);
  const values = valuesOf(fields, typing, server);
  const notes = useNotes(typing, server);
  const saving = useSaveAbout(ticket);
  if (!categories) return <Outstanding query={lists.categories} />;
  if (!all) return <Outstanding query={lists.fields} />;
  const final = ticket.status === 'closed';
  const type = (field: string, now: Value) => typeIn(ticket.id, field, now, server[field]);
  function submit(event: FormEvent) {
    event.preventDefault();
    saving.submit({
      // Only what was typed in is changed: everything else stays as the server has it now.
      custom_fields: { ...(ticket.custom_fields as object), ...sentOf(touched, values) },
      ...(typing.category && { category: category.trim() || null }),
      wrong: faultsOf(fields, values, 'staff'),
      typing,
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
        description={notes.category}
        onChange={(chosen) => type('category', chosen)}
      />
      <FieldInputs
        fields={fields}
        values={values}
        faults={saving.faults}
        notes={notes}
        side="staff"
        size="xs"
        disabled={final}
        onChange={(key, value) => type(faultKey({ key }), value)}
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
      {Object.keys(typing).length > 0 && (
        <div className={classes.foot}>
          <Button size="xs" type="submit" loading={saving.pending}>
            {t('about.save')}
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              giveUp(ticket.id);
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

/** What stands in the fields: what was typed over what the server has. */
function valuesOf(fields: CustomField[], typing: Typing, server: Record<string, Value>): Values {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const at = faultKey(field);
      const value = (typing[at] ?? { now: server[at] }).now;
      return value === undefined ? [] : [[field.key, value]];
    }),
  );
}

/** What the server has, by its names of the fields. */
function serverOf(ticket: Ticket, fields: CustomField[]): Record<string, Value> {
  const values = Object.entries(typedOf(fields, ticket.custom_fields));
  return {
    category: ticket.category ?? '',
    ...Object.fromEntries(values.map(([key, value]) => [faultKey({ key }), value])),
  };
}

/** Said at each field that one has typed in while somebody else has changed it. */
function useNotes(typing: Typing, server: Record<string, Value>): Record<string, string> {
  const { t } = useTranslation('desk');
  return Object.fromEntries(
    overtaken(typing, server).map((field) => {
      const value = [server[field] ?? ''].flat().join(', ');
      return [field, value ? t('about.overtaken', { value }) : t('about.emptied')];
    }),
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
  /** What of it was typed. */
  typing: Typing;
};

/** Saves category and values; shown when it is saved, because single fields may be refused. */
function useSaveAbout(ticket: Ticket) {
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
    mutationFn: ({ wrong: _, typing: __, ...body }: About) =>
      unwrap(
        app.PATCH('/api/v1/tickets/{ticket}', {
          params: { path: { ticket: String(ticket.id) } },
          headers: ifVersion(ticket.version),
          body,
        }),
      ),
    onSuccess: (saved, { typing }) => {
      if (!takeTicket(client, saved)) void client.invalidateQueries({ queryKey: keys.counts });
      void client.invalidateQueries({ queryKey: keys.history(saved.id) });
      settle(saved.id, typing);
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
