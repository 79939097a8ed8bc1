import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Values } from '../fields/values';

/** A ticket that is being written. */
export type Begun = {
  subject: string;
  description: string;
  order_id: string;
  category: string;
  values: Values;
};

const NOTHING: Begun = { subject: '', description: '', order_id: '', category: '', values: {} };

/**
 * Keeps a ticket that was begun and not sent, in memory, for whoever comes back to the form. It goes
 * with everything else that was read here when somebody else signs in.
 */
export function useBegun(name: string) {
  const client = useQueryClient();
  return useMemo(() => {
    const queryKey = ['begun', name];
    const begun = () => client.getQueryData<Begun>(queryKey) ?? NOTHING;
    return {
      begun,
      keep: (change: Partial<Begun>) => {
        client.setQueryDefaults(queryKey, { gcTime: Number.POSITIVE_INFINITY });
        client.setQueryData<Begun>(queryKey, { ...begun(), ...change });
      },
      forget: () => client.removeQueries({ queryKey }),
      /** Whether leaving the page would lose words. */
      isHeld: () => Boolean(begun().subject.trim() || begun().description.trim()),
    };
  }, [client, name]);
}
