import { ApiError } from '~/api/problem';
import type { Plan, PutPlan } from '~/api/types';
import { digitsOf, minorOf, typedOf } from '~/ui/money';

/** What is typed of a plan. Files are typed in gigabytes, amounts in the currency itself. */
export const FIELDS = [
  ...(['code', 'name', 'agents', 'tickets_a_month', 'extra_ticket', 'storage_bytes'] as const),
  ...(['storage_files', 'uploads_a_day'] as const),
  ...(['requests_a_minute', 'connections', 'audit_months', 'price', 'currency'] as const),
];
export type Field = (typeof FIELDS)[number];
export type Typed = Record<Field, string> & { is_default: boolean };

/** A gigabyte as it is said everywhere, and the digits behind its point with which each byte can be typed. */
const GIGABYTE = 1024 ** 3;
const DIGITS = 10;

/** The plan that has no limits, and stays so. */
export const UNLIMITED = 'unlimited';

export const FIRST: Typed = {
  ...(Object.fromEntries(FIELDS.map((name) => [name, ''])) as Record<Field, string>),
  price: '0',
  currency: 'EUR',
  is_default: false,
};

/** A plan as it is typed. */
export function typedPlan(plan: Plan): Typed {
  const amount = (minor: number) => typedOf(minor, digitsOf(plan.currency));
  const text = (value: number | null | undefined, say = String as (value: number) => string) =>
    typeof value === 'number' ? say(value) : '';
  return {
    code: plan.code,
    name: plan.name,
    agents: text(plan.agents),
    tickets_a_month: text(plan.tickets_a_month),
    extra_ticket: text(plan.extra_ticket, amount),
    storage_bytes: text(plan.storage_bytes, (bytes) =>
      typedOf(Math.round((bytes / GIGABYTE) * 10 ** DIGITS), DIGITS, false),
    ),
    storage_files: text(plan.storage_files),
    uploads_a_day: text(plan.uploads_a_day),
    requests_a_minute: text(plan.requests_a_minute),
    connections: text(plan.connections),
    audit_months: text(plan.audit_months),
    price: amount(plan.price),
    currency: plan.currency,
    is_default: plan.is_default,
  };
}

/** What was typed as the server wants it, and the fields in which no number stands. Ranges are the server's. */
export function bodyOf(typed: Typed): { body: PutPlan; faults: Field[] } {
  const faults: Field[] = [];
  const currency = typed.currency.trim().toUpperCase();
  const cents = digitsOf(currency);
  const number = (name: Field, digits = 0): number | undefined => {
    const text = typed[name].trim();
    const value = text ? minorOf(text, digits) : undefined;
    if (text && value === undefined) faults.push(name);
    return value;
  };
  const gigabytes = number('storage_bytes', DIGITS);
  const body = {
    name: typed.name.trim(),
    agents: number('agents'),
    tickets_a_month: number('tickets_a_month'),
    extra_ticket: number('extra_ticket', cents),
    storage_bytes:
      gigabytes === undefined ? undefined : Math.round((gigabytes / 10 ** DIGITS) * GIGABYTE),
    storage_files: number('storage_files'),
    uploads_a_day: number('uploads_a_day'),
    requests_a_minute: number('requests_a_minute'),
    connections: number('connections'),
    audit_months: number('audit_months'),
    price: number('price', cents) ?? 0,
    currency,
    is_default: typed.is_default,
  };
  return { body, faults };
}

/** What the server takes where no number of months is told. */
const USUAL_MONTHS = 60;

/** What whoever has a plan will feel of it: limits that get smaller, and what it costs. */
export type Felt = { name: Field; before: string; after: string };

const LIMITS = [
  ...(['agents', 'tickets_a_month', 'storage_bytes', 'storage_files'] as const),
  ...(['uploads_a_day', 'requests_a_minute'] as const),
  ...(['connections', 'audit_months'] as const),
];
const PRICES = ['price', 'extra_ticket', 'currency'] as const;

/** Those of a plan's changes that are asked about before they are sent. */
export function feltOf(plan: Plan, body: PutPlan): Felt[] {
  const audit_months = body.audit_months ?? USUAL_MONTHS;
  const to = { ...plan, ...body, audit_months, is_default: plan.is_default };
  const [before, after] = [typedPlan(plan), typedPlan(to)];
  const most = (limit: number | null | undefined) => limit ?? Number.POSITIVE_INFINITY;
  const felt: Field[] = [
    ...LIMITS.filter((name) => most(to[name]) < most(plan[name])),
    ...PRICES.filter((name) => after[name] !== before[name]),
  ];
  return felt.map((name) => ({ name, before: before[name], after: after[name] }));
}

/** The same form as the server's. */
export const isCode = (text: string): boolean => /^[a-z][a-z0-9-]{0,30}$/.test(text);

/** The fields that the server refused. */
export function refused(error: unknown): Field[] {
  if (!(error instanceof ApiError)) return [];
  const names = error.fields.map(({ field }) => field);
  return FIELDS.filter((name) => names.includes(name));
}
