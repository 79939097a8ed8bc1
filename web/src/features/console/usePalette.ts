import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Hit } from '~/api/types';
import { plain } from '~/ui/plain';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { pagesOf } from '../settings/pages';
import { ticketSearch, viewList } from '../tickets/queries';
import { useQueueSearch } from '../tickets/useQueue';
import { BUILT_IN } from '../tickets/views';
import { give, isFollowed } from './commands';
import { ROWS } from './rows';

/** For so long nobody has typed when the server is asked for tickets. */
const PAUSE = 200;
/** What can be done about the ticket that is open. */
const ON_TICKET = [
  ...(['reply', 'note', 'assign', 'status'] as const),
  ...(['priority', 'tags', 'snooze', 'macro'] as const),
];

/** Something to do or to open; `keys`: what does it without the palette. */
export type Entry = { id: string; name: string; keys?: string; run: () => void };
export type Group = { id: 'ticket' | 'go' | 'found'; entries: Entry[] };

/** What the palette offers for these words, whether more of it comes, and why it does not. */
export function usePalette(typed: string): {
  groups: Group[];
  isPending: boolean;
  error: Error | null;
} {
  const words = plain(typed.trim());
  const fits = ({ name }: Entry) => plain(name).includes(words);
  const doings = useDoings().filter(fits);
  const places = usePlaces().filter(fits);
  const { found, ...rest } = useFound(typed.trim());
  const groups: Group[] = [
    { id: 'ticket', entries: doings },
    { id: 'go', entries: places },
    { id: 'found', entries: found },
  ];
  return { groups: groups.filter(({ entries }) => entries.length > 0), ...rest };
}

function useDoings(): Entry[] {
  const { t } = useTranslation('keys');
  return ON_TICKET.filter(isFollowed).map((command) => ({
    id: command,
    name: t(command),
    keys: keysOf(command),
    run: () => void give(command),
  }));
}

function usePlaces(): Entry[] {
  const { t } = useTranslation('keys');
  const { t: say } = useTranslation('tickets');
  const { t: setting } = useTranslation('settings');
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const person = usePerson();
  const { data: views } = useQuery(viewList);
  const place = (id: string, name: string, run: () => unknown): Entry => ({
    id,
    name,
    keys: keysOf(id),
    run: () => void run(),
  });
  const view = (id: string, name: string, key: string) =>
    place(id, name, () => navigate({ to: '/', search: { view: key } }));
  return [
    place('new', t('new'), () => navigate({ to: '/tickets/new' })),
    ...BUILT_IN.map((one) => view(`go_${one}`, t(`go_${one}`), one)),
    ...(views?.data ?? []).map(({ id, name }) => view(`view_${id}`, name, String(id))),
    place('files', say('rail.files'), () => navigate({ to: '/files' })),
    place('help', say('rail.help'), () => navigate({ to: '/help' })),
    ...(mayArrange(person)
      ? [place('reports', say('rail.reports'), () => navigate({ to: '/reports' }))]
      : []),
    ...pagesOf(person.role).map(([name, path]) =>
      place(path, setting(name), () => navigate({ to: path })),
    ),
    place('account', common('menu.own'), () => navigate({ to: '/account' })),
    place('sheet', say('keys.open_sheet'), () => give('sheet')),
  ];
}

/** Tickets that hold the words. Those of the words before are not shown: Enter would open one of them. */
function useFound(typed: string): { found: Entry[]; isPending: boolean; error: Error | null } {
  const navigate = useNavigate();
  const search = useQueueSearch();
  const [paused] = useDebouncedValue(typed, PAUSE);
  const hits = useQuery({ ...ticketSearch(paused), enabled: paused.length > 1 });
  if (typed.length < 2) return { found: [], isPending: false, error: null };
  if (paused !== typed) return { found: [], isPending: true, error: null };
  const tickets = new Map((hits.data?.data ?? []).map((hit) => [hit.ticket.id, hit.ticket]));
  const open = ({ ticket_number: number }: Hit['ticket']) =>
    void navigate({ to: '/tickets/$number', params: { number }, search });
  const found = [...tickets.values()].map((ticket) => ({
    id: ticket.ticket_number,
    name: ticket.subject,
    keys: ticket.ticket_number,
    run: () => open(ticket),
  }));
  return { found, isPending: hits.isPending, error: hits.error };
}

function keysOf(id: string): string | undefined {
  return ROWS.find(([name]) => name === id)?.[1];
}
