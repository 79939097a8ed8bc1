import type { SessionUser } from '~/api/types';

type Person = Pick<SessionUser, 'role'>;

/** Whether somebody arranges what all of the staff use: teams, categories, shared views and replies. */
export function mayArrange({ role }: Person): boolean {
  return role === 'manager' || role === 'admin';
}
