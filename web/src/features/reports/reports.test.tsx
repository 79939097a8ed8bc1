import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Figures, Overview, Report, ReportGroup, TicketCounted } from '~/api/types';
import { type Asked, answer, page, problem } from '~/testing/api';
import { aTicket, chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { ReportsPage } from './ReportsPage';

const period = {
  from: '2026-03-01',
  to: '2026-03-02',
  time_zone: 'Europe/Paris',
  is_complete: true,
};

function figures(change: Partial<Figures> = {}): Figures {
  const none = { met: 0, breached: 0, rate: null };
  return {
    created: 0,
    answered: 0,
    resolved: 0,
    reopened: 0,
    closed_unresolved: 0,
    first_response_minutes: null,
    resolution_minutes: null,
    response: none,
    resolution: none,
    csat: { answers: 0, average: null },
    ...change,
  };
}

function group(key: string | null, change: Partial<ReportGroup> = {}): ReportGroup {
  return { key, label: null, from: period.from, to: period.to, figures: figures(), ...change };
}

const overview: Overview = {
  period,
  group_by: 'day',
  totals: figures({ created: 12, resolved: 1200, csat: { answers: 3, average: 4.5 } }),
  previous: figures({ created: 10 }),
  first_response: { median_minutes: 25, p90_minutes: 1500 },
  resolution: { median_minutes: null, p90_minutes: null },
  ratings: [1, 2, 3, 4, 5].map((rating) => ({ rating, answers: rating === 5 ? 3 : 0 })),
  backlog: 7,
  backlog_ages: [5, 0, 2, 0, 0].map((tickets) => ({
    opened_before: null,
    opened_after: null,
    tickets,
  })),
  groups: [
    group('2026-03-01', { to: '2026-03-01', backlog: 6, figures: figures({ created: 5 }) }),
    group('2026-03-02', { from: '2026-03-02', backlog: 7, figures: figures({ created: 7 }) }),
  ],
};

const agents: Report = {
  period,
  group_by: 'agent',
  totals: figures(),
  previous: figures(),
  groups: [
    group('2', { label: 'Léa Morel', open_tickets: 3, figures: figures({ resolved: 9 }) }),
    group('3', { label: '=HYPERLINK("x")', open_tickets: 0 }),
  ],
};

const counted: TicketCounted = {
  figure: 'resolved',
  at: '2026-03-02T09:00:00Z',
  minutes: 95,
  rating: null,
  agent: lea,
  ticket: { ...aTicket({ status: 'resolved' }), requester: chloe },
};

const reportsAsked = (asked: Asked[]) => asked.filter(({ path }) => path.includes('/reports/'));

beforeEach(() => welcome(loginOf(lea, 'manager')));

test('agents are told that reports are not theirs, and nothing is asked', async () => {
  welcome(loginOf(lea, 'agent'));
  const asked = answer({});
  await show(<ReportsPage />, '/reports');
  expect(await screen.findByText('Reports are not yours to see')).toBeInTheDocument();
  expect(reportsAsked(asked)).toEqual([]);
});

test('a report that cannot be had says why, and can be asked for again', async () => {
  let works = false;
  answer({
    'GET /api/v1/reports/overview': () =>
      works ? { body: overview } : problem(503, 'unavailable'),
  });
  await show(<ReportsPage />, '/reports');
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be loaded');
  works = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('12')).toBeInTheDocument();
});

test('numbers that still grow say so', async () => {
  const body = { ...overview, period: { ...period, is_complete: false } };
  answer({ 'GET /api/v1/reports/overview': { body } });
  await show(<ReportsPage />, '/reports');
  expect(await screen.findByText(/these numbers grow/)).toBeInTheDocument();
});

test('an overview has each picture’s numbers in a table, and each number leads to its tickets', async () => {
  answer({ 'GET /api/v1/reports/overview': { body: overview } });
  await show(<ReportsPage />, '/reports');
  for (const name of ['What came and what went', 'How customers rated']) {
    expect(await screen.findByRole('img', { name })).toBeInTheDocument();
  }
  const table = screen.getByRole('table', { name: 'Overview' });
  expect(
    within(table)
      .getAllByRole('row')
      .map((row) => row.textContent),
  ).toEqual([
    'DayNew ticketsResolvedFirst repliesFirst reply afterResolved afterSatisfactionUnresolved',
    'Mar 1500–––6',
    'Mar 2700–––7',
  ]);
  const link = within(table).getByRole('link', { name: /New tickets, Mar 1: 5/ });
  expect(link.getAttribute('href')).toBe('/reports?figure=created&from=2026-03-01&to=2026-03-01');
  expect(screen.getByText('+20% than before')).toBeInTheDocument();
  expect(screen.getByText('1,200')).toBeInTheDocument();
  const five = screen.getByRole('link', { name: 'Ratings, 5 of 5: 3. Show the tickets' });
  expect(five.getAttribute('href')).toContain('group_by=rating');
});

test('days that are none are not asked for', async () => {
  const asked = answer({ 'GET /api/v1/reports/overview': { body: overview } });
  await show(<ReportsPage />, '/reports');
  await waitFor(() => expect(screen.getByLabelText('From')).toHaveValue('2026-03-01'));
  const before = reportsAsked(asked).length;
  for (const [day, words] of [
    ['2026-03-03', 'The first day must not be after the last one.'],
    ['2025-01-01', 'At most 366 days.'],
  ] as const) {
    await userEvent.clear(screen.getByLabelText('From'));
    await userEvent.type(screen.getByLabelText('From'), day);
    await userEvent.click(screen.getByRole('button', { name: 'Show' }));
    expect(await screen.findByText(words)).toBeInTheDocument();
  }
  expect(reportsAsked(asked)).toHaveLength(before);
});

test('other days and another division are asked for as they stand in the address', async () => {
  const asked = answer({ 'GET /api/v1/reports/sla': { body: { ...agents, group_by: 'team' } } });
  await show(<ReportsPage />, '/reports?report=sla&from=2026-01-01&to=2026-01-31&by=team');
  await screen.findByRole('table', { name: 'Promises' });
  const [first] = reportsAsked(asked);
  expect(Object.fromEntries(first?.query ?? [])).toEqual({
    from: '2026-01-01',
    to: '2026-01-31',
    group_by: 'team',
  });
  await userEvent.selectOptions(screen.getByLabelText('Divided by'), 'Week');
  await waitFor(() => expect(reportsAsked(asked).at(-1)?.query.get('group_by')).toBe('week'));
});

test('a report is handed over as a file in which no name is a formula', async () => {
  answer({ 'GET /api/v1/reports/agents': { body: agents } });
  await show(<ReportsPage />, '/reports?report=agents');
  const saved: Blob[] = [];
  vi.stubGlobal(
    'URL',
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => `blob:${saved.push(blob)}`,
      revokeObjectURL() {},
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Save as CSV' }));
  const text = await saved[0]?.text();
  expect(text).toContain('Agent,Resolved,First replies');
  expect(text).toContain('Léa Morel,9,0,,,0,,,0,,3\r\n');
  expect(text).toContain(`"'=HYPERLINK(""x"")",0`);
  const open = screen.getByRole('link', { name: '3' });
  expect(open.getAttribute('href')).toContain('assigned_to=');
});

test('behind a number stand its tickets, and the way back', async () => {
  const asked = answer({ 'GET /api/v1/reports/tickets': page([counted], 1) });
  await show(
    <ReportsPage />,
    '/reports?figure=resolved&from=2026-03-01&to=2026-03-02&group_by=agent&group=2',
  );
  const link = await screen.findByRole('link', { name: 'Printer on fire' });
  expect(link.getAttribute('href')).toMatch(/^\/tickets\/TKT-4F2K/);
  expect(screen.getByRole('heading', { level: 2 })).toHaveTextContent(
    'Resolved · Mar 1, 2026 – Mar 2, 2026 · 1',
  );
  expect(screen.getByText('1h 35m')).toBeInTheDocument();
  const query = Object.fromEntries(reportsAsked(asked)[0]?.query ?? []);
  expect(query).toMatchObject({ figure: 'resolved', group_by: 'agent', group: '2', count: 'true' });
  expect(screen.getByRole('link', { name: 'Back to the report' })).toHaveAttribute(
    'href',
    '/reports',
  );
});

test('whoever has looked behind a number of a report comes back to it, with its days', async () => {
  const report = '/reports?report=sla&from=2026-01-01&to=2026-03-31&by=week';
  const rows = agents.groups.map((one) => ({
    ...one,
    figures: figures({ response: { met: 4, breached: 0, rate: 1 } }),
  }));
  answer({
    'GET /api/v1/reports/sla': { body: { ...agents, group_by: 'week', groups: rows } },
    'GET /api/v1/reports/tickets': page([counted], 1),
  });
  await show(<ReportsPage />, report);
  const [first] = await screen.findAllByRole('link', { name: /^First reply in time/ });
  await userEvent.click(first as HTMLElement);
  const back = await screen.findByRole('link', { name: 'Back to the report' });
  expect(back).toHaveAttribute('href', report);
});

test('a number with nothing behind it says so', async () => {
  answer({ 'GET /api/v1/reports/tickets': page([], 0) });
  await show(<ReportsPage />, '/reports?figure=reopened');
  expect(await screen.findByText('No tickets stand behind this number')).toBeInTheDocument();
});

test('ratings stand with what was written, and can be narrowed to so many points', async () => {
  const rated = { ...counted, figure: 'rated' as const, minutes: null };
  const asked = answer({
    'GET /api/v1/reports/tickets': page(
      [
        { ...rated, rating: 2, comment: 'Too slow.' },
        { ...rated, rating: 5, comment: null, at: '2026-03-01T09:00:00Z' },
      ],
      2,
    ),
  });
  await show(<ReportsPage />, '/reports?figure=rated&from=2026-03-01&to=2026-03-02');
  expect(await screen.findByText('Too slow.')).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText('Points'), '2 of 5');
  const last = () => Object.fromEntries(reportsAsked(asked).at(-1)?.query ?? []);
  await waitFor(() => expect(last()).toMatchObject({ group_by: 'rating', group: '2' }));
  expect(last()).toMatchObject({ figure: 'rated', from: '2026-03-01', to: '2026-03-02' });
});

test('the ratings of an agent stay theirs', async () => {
  answer({ 'GET /api/v1/reports/tickets': page([], 0) });
  await show(<ReportsPage />, '/reports?figure=rated&group_by=agent&group=2');
  await screen.findByText('No tickets stand behind this number');
  expect(screen.queryByLabelText('Points')).toBeNull();
});
