import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { app, once, unwrap } from '~/api/client';
import type { FileShare } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { shareList } from './queries';

/** With whom: a colleague, or whoever has a link for so many hours. */
type With = { member_id: number } | { expires_in_hours: number };

/** Shares a file; pressed again after a lost answer it is one share all the same. */
export function useShare(file: number, onShared: (share: FileShare) => void) {
  const client = useQueryClient();
  const keyOf = useOnceKey();
  const made = useRef(0);
  return useMutation({
    mutationFn: (body: With) =>
      unwrap(
        app.POST('/api/v1/attachments/{attachment}/shares', {
          params: { path: { attachment: file } },
          headers: once(keyOf([body, made.current])),
          body,
        }),
      ),
    onSuccess: (share) => {
      // The next one with the same words is another share.
      made.current += 1;
      onShared(share);
    },
    onSettled: () => client.invalidateQueries({ queryKey: shareList(file).queryKey }),
  });
}
