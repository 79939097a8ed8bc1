import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Ticket } from '~/api/types';
import { keys } from './keys';
import { useTicket } from './queries';

/**
 * The ticket of the address. An address may also name it by its id or in small letters; it then
 * becomes the number, because what happens to a ticket reaches the page by its number alone.
 */
export function useOpenedTicket() {
  const { number = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const navigate = useNavigate();
  const ticket = useTicket(number);
  const proper = ticket.data?.ticket_number;
  useEffect(() => {
    if (!proper || proper === number) return;
    const answered = client.getQueryData<Ticket>(keys.one(number));
    client.setQueryData<Ticket>(keys.one(proper), (known) =>
      known && answered && known.version > answered.version ? known : answered,
    );
    void navigate({
      to: '/tickets/$number',
      params: { number: proper },
      search: true,
      replace: true,
    });
    // What stays behind under the other name would be taken for the ticket as it is.
    return () => client.removeQueries({ queryKey: keys.one(number), exact: true });
  }, [client, navigate, number, proper]);
  return ticket;
}
