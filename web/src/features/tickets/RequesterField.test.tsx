import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { answer } from '~/testing/api';
import { chloe } from '~/testing/people';
import { show } from '~/testing/show';
import { RequesterField, type Somebody } from './RequesterField';

const paul = { ...chloe, id: 11, firstname: 'Paul', email: 'paul@client.test' };

function Chosen() {
  const [value, setValue] = useState<Somebody | null>(chloe);
  return (
    <>
      <RequesterField label="For" placeholder="Me" value={value} onChange={setValue} />
      <output>{value?.email ?? 'nobody'}</output>
    </>
  );
}

async function field() {
  answer({ 'GET /api/v1/customers': { body: { data: [paul] } } });
  await show(<Chosen />);
  return screen.findByRole('combobox', { name: 'For' });
}

test('whoever was chosen stays chosen when one passes with Enter', async () => {
  await field();
  await userEvent.tab();
  await userEvent.keyboard('{Enter}');
  expect(screen.getByRole('status')).toHaveTextContent(chloe.email);
});

test('what is typed takes the place of the name that stands there', async () => {
  const name = await field();
  await userEvent.click(name);
  await userEvent.keyboard('paul');
  expect(name).toHaveValue('paul');
  await userEvent.click(await screen.findByRole('option', { name: /^Paul/ }));
  expect(screen.getByRole('status')).toHaveTextContent(paul.email);
});

test('without the mouse, an emptied field is nobody', async () => {
  await field();
  await userEvent.tab();
  await userEvent.keyboard('{Delete}');
  expect(screen.getByRole('status')).toHaveTextContent('nobody');
});
