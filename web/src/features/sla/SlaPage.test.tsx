import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { SlaCalendar, SlaPolicy } from '~/api/types';
import { answer, page } from '~/testing/api';
import { aCategory, aTeam } from '~/testing/desk';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { SlaPage } from './SlaPage';
import { OFFICE } from './week';

const target = { response: 60, resolution: 480 };
const standard: SlaPolicy = {
  id: 1,
  name: 'Standard',
  position: 0,
  is_default: true,
  categories: [],
  tags: [],
  teams: [],
  targets: { low: target, medium: target, high: target, urgent: { response: 30, resolution: 90 } },
  calendar_id: 2,
  version: 3,
  created_at: '2026-11-02T08:00:00Z',
  updated_at: '2026-11-02T08:00:00Z',
};
const office: SlaCalendar = {
  id: 2,
  name: 'Office',
  time_zone: 'Europe/Paris',
  week: OFFICE,
  holidays: [{ date: '2026-12-25', name: 'Noël' }],
  version: 5,
  updated_at: '2026-11-02T08:00:00Z',
};

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    'GET /api/v1/sla/policies': page([standard]),
    'GET /api/v1/sla/calendars': page([office]),
    'GET /api/v1/categories': page([aCategory()]),
    'GET /api/v1/teams': page([aTeam()]),
    'GET /api/v1/tags': { body: { data: [] } },
    ...table,
  });
  await show(<SlaPage />, '/settings/sla');
  await screen.findByText('Standard');
  return asked;
}
const sent = (asked: Awaited<ReturnType<typeof open>>, method: string) =>
  asked.find((one) => one.method === method);

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('a policy stands with its hours and what it promises; the default one stays', async () => {
  await open();
  const row = screen.getByText('Standard').closest('li');
  await waitFor(() => expect(row).toHaveTextContent('Office · urgent: 30 min / 1 h 30'));
  expect(screen.queryByRole('button', { name: 'Remove “Standard”' })).toBeNull();
  expect(screen.getByText('Office').closest('li')).toHaveTextContent('40 h a week · 1 holiday');
});

test('a policy is added for some tickets, and what is no time is not sent', async () => {
  const asked = await open({ 'POST /api/v1/sla/policies': { status: 201, body: standard } });
  await userEvent.click(screen.getByRole('button', { name: 'New policy' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Name'), 'VIP');
  const first = dialog.getByLabelText('Urgent: First reply');
  await userEvent.clear(first);
  await userEvent.type(first, 'soon');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(dialog.getByText('A time, as 4 h.')).toBeInTheDocument();
  expect(sent(asked, 'POST')).toBeUndefined();
  await userEvent.clear(first);
  await userEvent.type(first, '15');
  await userEvent.click(dialog.getByLabelText('Repair'));
  await userEvent.click(dialog.getByLabelText('Returns'));
  await userEvent.selectOptions(dialog.getByLabelText('Which hours count'), 'Office');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'POST')?.body).toMatchObject({
    name: 'VIP',
    categories: ['repair'],
    teams: [4],
    calendar_id: 2,
    targets: { urgent: { response: 15, resolution: 480 } },
  });
});

test('the default policy is changed with its version, and has no conditions', async () => {
  const asked = await open({ 'PUT /api/v1/sla/policies/1': { body: standard } });
  await userEvent.click(screen.getByRole('button', { name: 'Change “Standard”' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.queryByLabelText('Repair')).toBeNull();
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PUT')).toBeDefined());
  expect(sent(asked, 'PUT')?.headers.get('if-match')).toBe('"3"');
});

test('hours have several stretches a day, in order, and holidays', async () => {
  const asked = await open({ 'PUT /api/v1/sla/calendars/2': { body: office } });
  await userEvent.click(screen.getByRole('button', { name: 'Change “Office”' }));
  const dialog = within(await screen.findByRole('dialog'));
  const saturday = within(dialog.getByRole('group', { name: 'Saturday' }));
  expect(saturday.getByText('Closed')).toBeInTheDocument();
  await userEvent.click(saturday.getByRole('button', { name: 'Saturday: add opening hours' }));
  fireEvent.change(saturday.getByLabelText('Saturday: closes'), { target: { value: '08:00' } });
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(dialog.getByRole('alert')).toHaveTextContent('go from earlier to later');
  fireEvent.change(saturday.getByLabelText('Saturday: closes'), { target: { value: '00:00' } });
  await userEvent.click(dialog.getByRole('button', { name: 'Add a holiday' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(dialog.getByRole('alert')).toHaveTextContent('needs a date and a name');
  await userEvent.click(dialog.getByRole('button', { name: 'Remove holiday 2' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'PUT')?.headers.get('if-match')).toBe('"5"');
  expect(sent(asked, 'PUT')?.body).toMatchObject({
    week: OFFICE.with(5, [[540, 1440]]),
    holidays: [{ date: '2026-12-25', name: 'Noël' }],
  });
});

test('all working days become like Monday', async () => {
  const asked = await open({ 'PUT /api/v1/sla/calendars/2': { body: office } });
  await userEvent.click(screen.getByRole('button', { name: 'Change “Office”' }));
  const dialog = within(await screen.findByRole('dialog'));
  const monday = within(dialog.getByRole('group', { name: 'Monday' }));
  await userEvent.click(monday.getByRole('button', { name: 'Monday: remove 13:00–18:00' }));
  await userEvent.click(dialog.getByRole('button', { name: 'All working days like Monday' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PUT')).toBeDefined());
  const morning = [[540, 720]];
  expect(sent(asked, 'PUT')?.body).toMatchObject({
    week: [morning, morning, morning, morning, morning, [], []],
  });
});

test('what a policy is for is named, what was removed too, and that can be taken off', async () => {
  const vip = {
    ...standard,
    ...{ id: 9, name: 'VIP', is_default: false, categories: ['repair', 'toys'], teams: [4, 5] },
  };
  const asked = await open({
    'GET /api/v1/sla/policies': page([standard, vip]),
    'PUT /api/v1/sla/policies/9': { body: vip },
  });
  const row = screen.getByText('VIP').closest('li');
  await waitFor(() =>
    expect(row).toHaveTextContent('Repair, toys (removed), Returns, A removed team (#5)'),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Change “VIP”' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(await dialog.findByLabelText('toys (removed)'));
  await userEvent.click(dialog.getByLabelText('A removed team (#5)'));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PUT')).toBeDefined());
  expect(sent(asked, 'PUT')?.body).toMatchObject({ categories: ['repair'], teams: [4] });
});
