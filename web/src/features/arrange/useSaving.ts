import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { fieldErrors } from '../session/fields';

/** Saves what a dialog holds, keeps what is wrong with which field, and closes it when it is saved. */
export function useSaving<Body, Saved>(props: {
  save: (body: Body) => Promise<Saved>;
  /** The lists in which it stands. */
  lists: readonly (readonly unknown[])[];
  onSaved: (saved: Saved) => void;
}) {
  const { t: session } = useTranslation('session');
  const client = useQueryClient();
  const [faults, setFaults] = useState<Record<string, string>>({});
  const saving = useMutation({
    mutationFn: (body: Body) => props.save(body),
    onSuccess: async (saved) => {
      await refresh();
      props.onSaved(saved);
    },
    onError: async (error) => {
      setFaults(fieldErrors(session, error));
      const refreshed = refresh();
      // Somebody else's change: it is shown with the refusal, and the next try builds on it.
      if (error instanceof ApiError && error.status === 412) await refreshed;
    },
  });
  const refresh = () =>
    Promise.all(
      props.lists.map((queryKey) => client.invalidateQueries({ queryKey: [...queryKey] })),
    );
  return {
    faults,
    error: saving.error,
    pending: saving.isPending,
    /** Saves, unless something was found to be wrong before. */
    submit: (body: Body, wrong: Record<string, string> = {}) => {
      setFaults(wrong);
      if (Object.keys(wrong).length === 0) saving.mutate(body);
    },
  };
}
