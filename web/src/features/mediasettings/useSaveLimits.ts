import { useMutation, useQueryClient } from '@tanstack/react-query';
import { areSame } from './limits';
import { changeSettings, mediaSettings } from './queries';
import type { MediaSettings } from './types';

/** Settings with when they were read. */
export type Versioned = MediaSettings & { version: number };

/**
 * Saves what was changed of the settings. The server keeps no version of them, so they are read once more:
 * what a colleague has changed meanwhile shows in the form, and nothing is saved until it was seen (null).
 */
export function useSaveLimits(base: MediaSettings, settle: (saved: Versioned) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: Partial<MediaSettings>): Promise<MediaSettings | null> => {
      const now = await client.fetchQuery({ ...mediaSettings, staleTime: 0 });
      return areSame(now, base) ? changeSettings(body) : null;
    },
    onSuccess: (saved) => {
      if (!saved) return;
      settle({ ...saved, version: Date.now() });
      client.setQueryData(mediaSettings.queryKey, saved);
    },
  });
}
