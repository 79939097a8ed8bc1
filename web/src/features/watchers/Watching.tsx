import { Button } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { fullName, Initials } from '~/ui/Initials';
import { IconEye, IconEyeOff } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import { Outstanding } from '~/ui/Outstanding';
import { usePerson } from '../session/session';
import classes from './Watching.module.css';

function watcherList(id: number) {
  return queryOptions({
    queryKey: ['tickets', 'watchers', id] as const,
    queryFn: async ({ signal }) => {
      const path = { ticket: String(id) };
      const answer = await unwrap(
        app.GET('/api/v1/tickets/{ticket}/watchers', { params: { path }, signal }),
      );
      return answer.data;
    },
  });
}

/** Who follows a ticket without working on it, and whether one does oneself. */
export function Watching({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('desk');
  const explain = useExplain();
  const client = useQueryClient();
  const me = usePerson().id;
  const list = useQuery(watcherList(ticket.id));
  const watchers = list.data;
  const watches = watchers?.some(({ id }) => id === me) ?? false;
  const change = useMutation({
    mutationFn: async () => {
      const params = { path: { ticket: String(ticket.id) } };
      await (watches
        ? unwrap(app.DELETE('/api/v1/tickets/{ticket}/watch', { params }))
        : unwrap(app.PUT('/api/v1/tickets/{ticket}/watch', { params })));
    },
    onError: (error) => {
      const full = error instanceof ApiError && error.status === 409;
      void notifyFailure(t('watch.failed'), full ? t('watch.full') : explain(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: watcherList(ticket.id).queryKey }),
  });
  if (!watchers) return <Outstanding query={list} />;
  const Icon = watches ? IconEyeOff : IconEye;
  return (
    <>
      {watchers.length > 0 && (
        <ul className={classes.watchers}>
          {watchers.map((person) => (
            <li key={person.id}>
              <Initials person={person} size={20} /> {fullName(person)}
            </li>
          ))}
        </ul>
      )}
      <Button
        size="xs"
        variant="default"
        aria-pressed={watches}
        loading={change.isPending}
        leftSection={<Icon size={16} aria-hidden="true" />}
        onClick={() => change.mutate()}
      >
        {t(watches ? 'watch.stop' : 'watch.start')}
      </Button>
    </>
  );
}
