import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
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
 * Keeps in memory what was begun and not sent, for whoever comes back to it. It goes with everything
 * else that was read here when somebody else signs in.
 */
export function useKept<Words extends object>(name: string, nothing: Words) {
  const client = useQueryClient();
  return useMemo(() => {
    const queryKey = ['begun', name];
    const begun = () => client.getQueryData<Words>(queryKey) ?? nothing;
    return {
      begun,
      keep: (change: Partial<Words>) => {
        client.setQueryDefaults(queryKey, { gcTime: Number.POSITIVE_INFINITY });
        client.setQueryData<Words>(queryKey, { ...begun(), ...change });
      },
      forget: () => client.removeQueries({ queryKey }),
    };
  }, [client, name, nothing]);
}

/** A ticket that was begun, and whether leaving the page would lose its words. */
export function useBegun(name: string) {
  const kept = useKept(name, NOTHING);
  const isHeld = useCallback(() => {
    const { subject, description } = kept.begun();
    return Boolean(subject.trim() || description.trim());
  }, [kept]);
  return { ...kept, isHeld };
}
