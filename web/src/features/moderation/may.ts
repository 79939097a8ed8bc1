import type { SessionUser } from '~/api/types';
import { mayArrange } from '../session/may';

/** Whether somebody says which contents are refused: managers and administrators. */
export function mayModerate(person: Pick<SessionUser, 'role'>): boolean {
  return mayArrange(person);
}
