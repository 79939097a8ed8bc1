import type { Import } from '~/api/types';

/** What a column may be besides a custom field, in the order in which it is offered. */
export const TARGETS = [
  'subject',
  'description',
  'requester_email',
  'requester_name',
  'requester_firstname',
  'requester_lastname',
  'status',
  'priority',
  'category',
  'tags',
  'order_id',
  'assignee_email',
  'channel',
  'created_at',
  'updated_at',
  'resolved_at',
  'closed_at',
  'external_id',
  'messages',
  'custom_fields',
] as const;
export type Target = (typeof TARGETS)[number];

const OF_ZENDESK: Target[] = ['category', 'order_id', 'tags'];
/** What each ticket of a table must have. */
const REQUIRED: Target[] = ['subject', 'requester_email'];

export type Mapping = Record<string, string>;

/** What a column of such a file may be. */
export function targetsOf({ kind }: Import): readonly Target[] {
  return kind === 'zendesk' ? OF_ZENDESK : TARGETS;
}

/** What no column of a table is yet though one must be. */
export function missingIn({ kind }: Import, mapping: Mapping): Target[] {
  const said = Object.values(mapping);
  return kind === 'zendesk' ? [] : REQUIRED.filter((target) => !said.includes(target));
}

/** The same columns with one of them something else; nothing is two columns. */
export function mapped(mapping: Mapping, column: string, target: string): Mapping {
  const others = Object.entries(mapping).filter(
    ([name, said]) => name !== column && said !== target,
  );
  return Object.fromEntries(target ? [...others, [column, target]] : others);
}
