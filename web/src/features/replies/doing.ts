import type { Doing } from '~/api/types';

/** What a macro may do; a time to come back at is no habit. */
export const ACTIONS = ['status', 'assign', 'team', 'priority', 'tags', 'category'] as const;
export type MacroAction = (typeof ACTIONS)[number];

/** Actions of one macro at most, the same as the server's. */
export const MOST = 10;

/** An action as it stands when it is added. */
export function begun(action: MacroAction): Doing {
  switch (action) {
    case 'status':
      return { action, status: 'resolved' };
    case 'assign':
      return { action, assigned_to: 'me' };
    case 'team':
      return { action, team_id: null };
    case 'priority':
      return { action, priority: 'high' };
    case 'tags':
      return { action, add: [] };
    case 'category':
      return { action, category: null };
  }
}

/** The tags that come and go; an empty list would say that some do. */
export function tagging(add: string[], remove: string[]): Doing {
  return {
    action: 'tags',
    ...(add.length > 0 && { add }),
    ...(remove.length > 0 && { remove }),
  };
}
