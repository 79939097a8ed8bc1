import type { Tenant } from '~/api/types';
import type { Tone } from '~/ui/Mark';

type Status = Tenant['status'];

/** Where a tenant can stand in its life. */
export const STATUSES = [
  'provisioning',
  'active',
  'suspended',
  'deleting',
  'deleted',
  'failed',
] as const satisfies readonly Status[];

export const TONES: Record<Status, Tone> = {
  provisioning: 'busy',
  active: 'good',
  suspended: 'near',
  deleting: 'near',
  deleted: 'still',
  failed: 'bad',
};

/** What an operator can do with where a tenant stands in its life. */
export type Turn = 'suspend' | 'resume' | 'retry' | 'take_back' | 'delete';

/** What may be done from here: the same as the server's rule, so that nothing is offered in vain. */
export function turnsFrom(status: Status): Turn[] {
  switch (status) {
    case 'active':
      return ['suspend', 'delete'];
    case 'suspended':
      return ['resume', 'delete'];
    case 'failed':
      return ['retry', 'delete'];
    case 'deleting':
      return ['take_back'];
    case 'provisioning':
    case 'deleted':
      return [];
  }
}

/** Whether a tenant has a database that can be moved, migrated and backed up. */
export function hasData(status: Status): boolean {
  return status === 'active' || status === 'suspended';
}

/** What a tenant is called: its name leaves with its data, its address stays. */
export const nameOf = (tenant: Tenant): string => tenant.organisation || tenant.slug;
