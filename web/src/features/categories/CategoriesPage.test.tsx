import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aCategory, aField, aTeam } from '~/testing/desk';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { CategoriesPage } from './CategoriesPage';

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    'GET /api/v1/categories': page([aCategory({ team_id: 4 })]),
    'GET /api/v1/custom-fields': page([aField({ category_id: 6 })]),
    'GET /api/v1/teams': page([aTeam()]),
    ...table,
  });
  await show(<CategoriesPage />, '/settings/categories');
  return asked;
}
const sent = (asked: Awaited<ReturnType<typeof open>>, method: string) =>
  asked.find((one) => one.method === method);

beforeEach(() => welcome(loginOf(lea, 'manager')));

test('a category stands with its team, a field with what it is asked of', async () => {
  await open();
  const categories = await screen.findByRole('list', { name: 'Categories' });
  expect(await within(categories).findByText(/to Returns/)).toBeInTheDocument();
  const fields = await screen.findByRole('list', { name: 'Fields' });
  expect(fields).toHaveTextContent('Text · Repair · customers see it');
});

test('a category is defined in both languages, or not at all', async () => {
  const asked = await open({ 'POST /api/v1/categories': { status: 201, body: aCategory() } });
  await userEvent.click(screen.getByRole('button', { name: 'New category' }));
  await userEvent.type(await screen.findByLabelText('Name in tickets'), 'returns');
  await userEvent.type(screen.getByLabelText('What people read (English)'), 'Returns');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  expect(sent(asked, 'POST')).toBeUndefined();
  await userEvent.type(screen.getByLabelText('What people read (Français)'), 'Retours');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'POST')?.body).toEqual({
    name: 'returns',
    labels: { en: 'Returns', fr: 'Retours' },
    active: true,
    position: 0,
    team_id: null,
    skills: [],
  });
});

test('a name in tickets is not changed, the rest is, with the version that was shown', async () => {
  const asked = await open({ 'PATCH /api/v1/categories/6': { body: aCategory() } });
  await userEvent.click(await screen.findByRole('button', { name: 'Change “Repair”' }));
  expect(await screen.findByLabelText('Name in tickets')).toBeDisabled();
  await userEvent.click(screen.getByRole('switch', { name: /^Offered for new tickets/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PATCH')).toBeDefined());
  expect(sent(asked, 'PATCH')?.body).not.toHaveProperty('name');
  expect(sent(asked, 'PATCH')?.body).toMatchObject({ active: false });
  expect(sent(asked, 'PATCH')?.headers.get('if-match')).toBe('"1"');
});

test('a team that is not there any more is shown as gone, and can be taken off', async () => {
  const asked = await open({
    'GET /api/v1/categories': page([aCategory({ team_id: 9 })]),
    'PATCH /api/v1/categories/6': { body: aCategory() },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Change “Repair”' }));
  const team = await screen.findByLabelText(/^Team/);
  await waitFor(() => expect(team).toHaveDisplayValue('A removed team (#9)'));
  await userEvent.selectOptions(team, '');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PATCH')).toBeDefined());
  expect(sent(asked, 'PATCH')?.body).toMatchObject({ team_id: null });
});

test('a choice needs something to choose, and a field that is no choice sends none', async () => {
  const asked = await open({ 'POST /api/v1/custom-fields': { status: 201, body: aField() } });
  await userEvent.click(screen.getByRole('button', { name: 'New field' }));
  await userEvent.type(await screen.findByLabelText('Key'), 'colour');
  await userEvent.type(screen.getByLabelText('What people read (English)'), 'Colour');
  await userEvent.type(screen.getByLabelText('What people read (Français)'), 'Couleur');
  await userEvent.selectOptions(screen.getByLabelText('Kind'), 'One choice');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText('Kind'), 'Date');
  expect(screen.getByLabelText('Customers must give it')).toBeDisabled();
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'POST')).toBeDefined());
  expect(sent(asked, 'POST')?.body).not.toHaveProperty('options');
  expect(sent(asked, 'POST')?.body).toMatchObject({ key: 'colour', type: 'date' });
});

test.each([
  [page([]), 'No categories yet'],
  [problem(403, 'forbidden'), 'You are not allowed to do this.'],
])('a list that is empty or refused says so', async (reply, words) => {
  await open({ 'GET /api/v1/categories': reply });
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('a field is marked as sensitive, says so, and stays so', async () => {
  const asked = await open({
    'GET /api/v1/custom-fields': page([
      aField(),
      aField({ id: 9, key: 'iban', labels: { fr: 'IBAN', en: 'IBAN' }, sensitive: true }),
    ]),
    'PATCH /api/v1/custom-fields/8': { body: aField({ sensitive: true }) },
  });
  const fields = await screen.findByRole('list', { name: 'Fields' });
  expect(within(fields).getAllByText(/sealed/)).toHaveLength(1);
  await userEvent.click(screen.getByRole('button', { name: 'Change “IBAN”' }));
  expect(await screen.findByRole('switch', { name: /^Sensitive/ })).toBeDisabled();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await userEvent.click(screen.getByRole('button', { name: 'Change “Serial number”' }));
  await userEvent.click(await screen.findByRole('switch', { name: /^Sensitive/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PATCH')).toBeDefined());
  expect(sent(asked, 'PATCH')?.body).toMatchObject({ sensitive: true });
});

test('a field that is sensitive already is not marked again when something else of it changes', async () => {
  const iban = aField({ id: 9, key: 'iban', labels: { fr: 'IBAN', en: 'IBAN' }, sensitive: true });
  const asked = await open({
    'GET /api/v1/custom-fields': page([iban]),
    'PATCH /api/v1/custom-fields/9': { body: iban },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Change “IBAN”' }));
  await screen.findByRole('switch', { name: /^Sensitive/ });
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent(asked, 'PATCH')).toBeDefined());
  expect(sent(asked, 'PATCH')?.body).not.toHaveProperty('sensitive');
});
