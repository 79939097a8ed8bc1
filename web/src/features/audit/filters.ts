import { dayStart } from '~/ui/time';

/** What one looks for in the log, as it is typed. */
export type Filters = {
  user: string;
  action: string;
  resource: string;
  outcome: string;
  from: string;
  to: string;
};

export const NO_FILTERS: Filters = {
  user: '',
  action: '',
  resource: '',
  outcome: '',
  from: '',
  to: '',
};

/** Whether this can be a person's number. */
export function isNumber(typed: string): boolean {
  return /^[1-9]\d{0,14}$/.test(typed.trim());
}

/**
 * What is asked of the server: only what was typed. Days are those of the reader's own calendar, and
 * the last one counts to its end.
 */
export function queryOf(filters: Filters) {
  const { user, action, resource, outcome, from, to } = filters;
  return {
    ...(user && { user: Number(user) }),
    ...(action.trim() && { action: action.trim() }),
    ...(resource.trim() && { resource: resource.trim() }),
    ...(outcome && { outcome: outcome as 'success' | 'error' }),
    ...(from && { from: dayStart(from) }),
    ...(to && { to: dayStart(to, 1) }),
  };
}
