import { ActionIcon, Button } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { Ticket, TicketLink } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { IconPlus, IconX } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import { Outstanding } from '~/ui/Outstanding';
import { keys } from '../tickets/keys';
import { StatusMark } from '../tickets/Marks';
import { useQueueSearch } from '../tickets/useQueue';
import classes from './Links.module.css';

/** The tickets that one is linked with. */
export function linkList(id: number) {
  return queryOptions({
    queryKey: keys.links(id),
    queryFn: async ({ signal }) => {
      const path = { ticket: String(id) };
      const answer = await unwrap(
        app.GET('/api/v1/tickets/{ticket}/links', { params: { path }, signal }),
      );
      return answer.data;
    },
  });
}

/** Which tickets belong together, and how. */
export function Links({ ticket, onAdd }: { ticket: Ticket; onAdd: () => void }) {
  const { t } = useTranslation('desk');
  const list = useQuery(linkList(ticket.id));
  const links = list.data;
  const final = ticket.status === 'closed';
  if (!links) return <Outstanding query={list} />;
  return (
    <>
      {links.length === 0 && <p className={classes.none}>{t('links.none')}</p>}
      <ul className={classes.links}>
        {links.map((link) => (
          <Linked key={link.id} ticket={ticket} link={link} final={final} />
        ))}
      </ul>
      {!final && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          onClick={onAdd}
        >
          {t('links.add')}
        </Button>
      )}
    </>
  );
}

function Linked(props: { ticket: Ticket; link: TicketLink; final: boolean }) {
  const { t } = useTranslation('desk');
  const search = useQueueSearch();
  const client = useQueryClient();
  const explain = useExplain();
  const { id, relation, ticket: other } = props.link;
  const remove = useMutation({
    mutationFn: () =>
      unwrap(
        app.DELETE('/api/v1/tickets/{ticket}/links/{link}', {
          params: { path: { ticket: String(props.ticket.id), link: id } },
        }),
      ),
    onError: (error) => void notifyFailure(t('links.failed'), explain(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['tickets', 'links'] }),
  });
  return (
    <li>
      <span className={classes.kind}>{t(`links.${relation}`)}</span>
      <Link to="/tickets/$number" params={{ number: other.ticket_number }} search={search}>
        {other.ticket_number} {other.subject}
      </Link>
      <StatusMark status={other.status} short />
      {!props.final && (
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          loading={remove.isPending}
          aria-label={t('links.remove', { number: other.ticket_number })}
          onClick={() => remove.mutate()}
        >
          <IconX size={14} />
        </ActionIcon>
      )}
    </li>
  );
}
