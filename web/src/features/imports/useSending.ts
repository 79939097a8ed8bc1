import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Import } from '~/api/types';
import { beginImport, importList } from './queries';
import { kindOf, sendFile } from './sending';

/** A file, the system that it is from, if that was said, and the import that it goes on from, if there is one. */
type Wish = { file: File; source?: string; from?: Import };

/** Sends a file, from this page as long as it is open, and says how far it is. */
export function useSending() {
  const client = useQueryClient();
  const [at, setAt] = useState<Import | null>(null);
  const ending = useRef<AbortController | null>(null);
  const again = () => client.invalidateQueries({ queryKey: importList.queryKey });
  const send = useMutation({
    mutationFn: async ({ file, source, from }: Wish) => {
      ending.current = new AbortController();
      const { name: file_name, size: file_size } = file;
      const begun =
        from ?? (await beginImport({ kind: kindOf(file), file_name, file_size, source }));
      setAt(begun);
      await again();
      return sendFile(file, begun, setAt, ending.current.signal);
    },
    onSettled: async () => {
      await again();
      setAt(null);
    },
  });
  useEffect(() => () => ending.current?.abort(), []);
  return {
    /** What is being sent, as far as it has come. */
    at,
    error: send.error,
    pending: send.isPending,
    send: (wish: Wish) => send.mutate(wish),
    stop: () => ending.current?.abort(),
  };
}

export type Sending = ReturnType<typeof useSending>;
