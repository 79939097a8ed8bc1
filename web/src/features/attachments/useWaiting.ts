import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { usePerson } from '../session/session';
import { fileList } from './queries';
import { bringBack, type Place, useRows } from './rows';
import { lookAfter } from './useFiles';

type Where = {
  ticketId: number;
  /** Which of the two is open. It is asked when the files are there. */
  modeOf: (ticketId: number) => 'reply' | 'note';
  /** Whether that is known by now. */
  ready: boolean;
};

/** Brings one's own files that wait for their message back to where it is written. */
export function useWaiting({ ticketId, modeOf, ready }: Where): void {
  const me = usePerson().id;
  const { data: files } = useQuery(fileList(ticketId));
  const rows = useRows(`${ticketId} ${modeOf(ticketId)}`);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with other rows, what was on its way may have come
  useEffect(() => {
    if (!files || !ready) return;
    const place: Place = `${ticketId} ${modeOf(ticketId)}`;
    const own = files.filter(({ uploaded_by }) => uploaded_by === me);
    const back = bringBack(place, own.toReversed());
    if (back.some(({ scan_status }) => scan_status === 'pending')) lookAfter(place);
  }, [files, me, modeOf, ready, rows, ticketId]);
}
