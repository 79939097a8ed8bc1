import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Ticket } from '~/api/types';
import { Outstanding } from '~/ui/Outstanding';
import { Files } from './Files';
import { fileList } from './queries';
import { dropRow, isEnclosed } from './rows';
import { UploadRows } from './UploadRows';
import { useFiles } from './useFiles';

/** The files of the ticket itself, and those that are on their way to it. */
export function OwnFiles({ ticket }: { ticket: Ticket }) {
  const list = useQuery(fileList(ticket.id));
  const own = (list.data ?? []).filter(
    ({ id, message_id, awaits_message }) =>
      message_id == null && !awaits_message && !isEnclosed(id),
  );
  return (
    <>
      {list.isError && !list.data && <Outstanding query={list} />}
      {own.length > 0 && <Files ticket={ticket} files={own.toReversed()} />}
      <OnTheirWay ticket={ticket} />
    </>
  );
}

/** What was sent with a new ticket and is not there yet. */
function OnTheirWay({ ticket }: { ticket: Ticket }) {
  const client = useQueryClient();
  const files = useFiles(`${ticket.id} own`);
  const { rows, place } = files;
  useEffect(() => {
    const there = rows.filter(({ phase }) => phase === 'there');
    if (there.length === 0) return;
    const { queryKey } = fileList(ticket.id);
    void client.invalidateQueries({ queryKey }).then(() => {
      for (const { key } of there) dropRow(place, key);
    });
  }, [client, place, rows, ticket.id]);
  return rows.length > 0 ? <UploadRows files={files} /> : null;
}
