import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { SessionUser, Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { mayArrange } from '../session/may';
import { keys } from '../tickets/keys';
import type { Attachment } from './types';

/** Whether somebody may take a file away: their own; managers and admins any; nobody of a closed ticket. */
export function mayRemove(
  file: Pick<Attachment, 'uploaded_by'>,
  person: Pick<SessionUser, 'id' | 'role'>,
  { status }: Pick<Ticket, 'status'>,
): boolean {
  return status !== 'closed' && (file.uploaded_by === person.id || mayArrange(person));
}

/** Takes a file away for everybody. */
export function useRemove() {
  const client = useQueryClient();
  const { t } = useTranslation('attachments');
  const explain = useExplain();
  return useMutation({
    mutationFn: ({ id }: Attachment) =>
      unwrap(
        app.DELETE('/api/v1/attachments/{attachment}', { params: { path: { attachment: id } } }),
      ),
    onError: (error, { original_name: name }) =>
      void notifyFailure(t('remove_failed', { name }), explain(error)),
    // Its thread and the list of the ticket's files: one name covers both.
    onSettled: (_done, _error, { ticket_id }) =>
      client.invalidateQueries({ queryKey: keys.messages(ticket_id) }),
  });
}
