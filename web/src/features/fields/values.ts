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

/** The name by which the server tells of a field. */
export function faultKey({ key }: Pick<CustomField, 'key'>): string {
  return `custom_fields.${key}`;
}
