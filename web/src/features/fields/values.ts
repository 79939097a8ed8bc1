import type { Category, CustomField } from '~/api/types';

/** Values by key, as they stand in fields: numbers and yes or no are words until they are sent. */
export type Values = Record<string, string | string[]>;
/** One of them; a field that has none is empty. */
export type Value = Values[string] | undefined;

/** The category of this name, in capitals or not. */
export function categoryNamed(
  categories: Category[],
  name: string | null | undefined,
): Category | undefined {
  const wanted = name?.toLowerCase();
  return categories.find((one) => one.name.toLowerCase() === wanted);
}

/** What is asked of tickets of a category: its own fields, and those of all. */
export function fieldsOf(
  fields: CustomField[],
  categories: Category[],
  name: string | null | undefined,
): CustomField[] {
  const id = categoryNamed(categories, name)?.id;
  return fields.filter(({ category_id }) => category_id == null || category_id === id);
}

/** What stands in the fields of a ticket. */
export function typedOf(fields: CustomField[], given: unknown): Values {
  const values = (given ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    fields.flatMap(({ key }) => {
      const value = values[key];
      if (value === null || value === undefined) return [];
      return [[key, Array.isArray(value) ? value.map(String) : String(value)]];
    }),
  );
}

/** The values to be sent; null for what was emptied, so that it goes. */
export function sentOf(fields: CustomField[], typed: Values): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.key, asSent(field, typed[field.key])]));
}

function asSent({ type }: CustomField, typed: string | string[] | undefined): unknown {
  if (Array.isArray(typed)) return typed.length > 0 ? typed : null;
  const text = typed?.trim();
  if (!text) return null;
  if (type === 'number') return Number(text.replace(',', '.'));
  return type === 'boolean' ? text === 'true' : text;
}

/** Which fields lack what must be there, or hold what is no number; the server has the last word. */
export function faultsOf(
  fields: CustomField[],
  typed: Values,
  side: 'staff' | 'customer',
): Record<string, 'required' | 'invalid'> {
  const sent = sentOf(fields, typed);
  return Object.fromEntries(
    fields.flatMap((field): [string, 'required' | 'invalid'][] => {
      const must = side === 'staff' ? field.required_for_agents : field.required_for_customers;
      const value = sent[field.key];
      if (must && value === null) return [[faultKey(field), 'required']];
      return Number.isNaN(value) ? [[faultKey(field), 'invalid']] : [];
    }),
  );
}

/** A value as it is read; null where there is none. */
export function shownOf(
  { type, key }: Pick<CustomField, 'type' | 'key'>,
  given: unknown,
  language: string,
  words: { yes: string; no: string },
): string | null {
  const value = ((given ?? {}) as Record<string, unknown>)[key];
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value)) return new Intl.ListFormat(language, { type: 'unit' }).format(value);
  // What is a number may be one of a part or an invoice: its digits stay together.
  if (typeof value === 'number') return numberWords(language).format(value);
  // A day is the same one wherever it is read.
  if (type === 'date') return dayWords(language).format(Date.parse(String(value)));
  return String(value);
}

const numberWords = (language: string) =>
  new Intl.NumberFormat(language, { useGrouping: false, maximumFractionDigits: 15 });
const dayWords = (language: string) =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });

/** The name by which the server tells of a field. */
export function faultKey({ key }: Pick<CustomField, 'key'>): string {
  return `custom_fields.${key}`;
}
