import type { Plan, Usage } from '~/api/types';

/** From this share on a limit is near. */
const NEAR = 0.8;

/** How something stands to its limit. `free`: there is none. */
export type Level = 'free' | 'fine' | 'near' | 'full' | 'over';

export function levelOf(used: number, allowed: number | null | undefined): Level {
  if (typeof allowed !== 'number') return 'free';
  if (used > allowed) return 'over';
  if (used === allowed) return 'full';
  return used >= allowed * NEAR ? 'near' : 'fine';
}

/** Something that is counted and bounded: what there is of it, and how many are allowed. */
export type Counted = { of: 'agents' | 'tickets'; used: number; allowed?: number | null };

/** What the API counts. Whoever is asked in has a place already. */
export function counted({ plan, used }: Usage): [Counted, Counted] {
  return [
    { of: 'agents', used: used.agents + used.invited, allowed: plan.agents },
    { of: 'tickets', used: used.tickets, allowed: plan.tickets_a_month },
  ];
}

/** Whether what is over this limit is refused; tickets may be sold one by one instead. */
export function isRefused(one: Counted, plan: Plan): boolean {
  return one.of === 'agents' || typeof plan.extra_ticket !== 'number';
}
