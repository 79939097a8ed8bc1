import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aField } from '~/testing/desk';
import { aTicket, chloe, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { FieldFacts } from './FieldFacts';

const FIELDS = 'GET /api/v1/custom-fields';
const named = (key: string, en: string) => ({ key, labels: { en, fr: en } });
const fields = [
  aField(),
  aField({ id: 9, ...named('bought', 'Bought on'), type: 'date' }),
  aField({ id: 10, ...named('shop', 'Bought in the shop'), type: 'boolean' }),
  aField({ id: 11, ...named('with', 'What came with it'), type: 'multi_select' }),
  aField({ id: 12, ...named('colour', 'Colour') }),
];
const ticket = aTicket({
  custom_fields: {
    serial: 'A-17',
    bought: '2026-03-01',
    shop: false,
    with: ['Case', 'Cable'],
    batch: 'only staff see it',
  },
});

beforeEach(() => welcome(loginOf(chloe, 'customer')));

test('a customer reads what the ticket has in the fields that they see, and nothing else', async () => {
  answer({ [FIELDS]: page(fields) });
  await show(<FieldFacts ticket={ticket} />);
  await screen.findByRole('region', { name: 'Details' });
  const said = (role: string) => screen.getAllByRole(role).map(({ textContent }) => textContent);
  expect(said('term')).toEqual([
    'Serial number',
    'Bought on',
    'Bought in the shop',
    'What came with it',
  ]);
  expect(said('definition')).toEqual(['A-17', 'Mar 1, 2026', 'No', 'Case, Cable']);
});

test('fields that cannot be had are asked for again, and only where the ticket has any', async () => {
  let works = false;
  const asked = answer({ [FIELDS]: () => (works ? page(fields) : problem(503, 'unavailable')) });
  await show(
    <>
      <FieldFacts ticket={aTicket()} />
      <FieldFacts ticket={ticket} />
    </>,
  );
  expect(await screen.findByText('The details could not be loaded.')).toBeInTheDocument();
  expect(asked).toHaveLength(1);
  works = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('A-17')).toBeInTheDocument();
});
