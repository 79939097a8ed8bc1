import { expect, test } from 'vitest';
import en from './en/tickets.json';
import fr from './fr/tickets.json';

test.each([
  ['French', fr, ['Basse', 'Moyenne', 'Haute', 'Urgente']],
  ['English', en, ['Low', 'Medium', 'High', 'Urgent']],
])('the priorities have their names in %s', (_, { priority }, names) => {
  expect([priority.low, priority.medium, priority.high, priority.urgent]).toEqual(names);
});
