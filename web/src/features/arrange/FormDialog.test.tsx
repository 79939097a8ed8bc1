import { TextInput } from '@mantine/core';
import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { show } from '~/testing/show';
import { FormDialog } from './FormDialog';

function Form() {
  const [opened, setOpened] = useState(true);
  const [typed, setTyped] = useState('');
  if (!opened) return null;
  return (
    <FormDialog
      title="A form"
      dirty={typed !== ''}
      onSubmit={() => {}}
      onClose={() => setOpened(false)}
    >
      <TextInput
        label="Word"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

/** Presses Escape as in a browser: what one listener of the window changes is drawn before the next is asked. */
function escapeKey() {
  const listeners = new Set<(event: Event) => void>();
  const [add, remove] = [window.addEventListener, window.removeEventListener];
  vi.spyOn(window, 'addEventListener').mockImplementation((...args) => {
    if (args[0] === 'keydown') listeners.add(args[1] as () => void);
    add.apply(window, args);
  });
  vi.spyOn(window, 'removeEventListener').mockImplementation((...args) => {
    if (args[0] === 'keydown') listeners.delete(args[1] as () => void);
    remove.apply(window, args);
  });
  return async () => {
    const event = new KeyboardEvent('keydown', { key: 'Escape' });
    Object.defineProperty(event, 'target', { value: document.activeElement });
    for (const listener of [...listeners]) {
      if (listeners.has(listener)) await act(async () => listener(event));
    }
  };
}

test('Escape asks before typed words are lost, and takes the question back', async () => {
  const pressEscape = escapeKey();
  await show(<Form />);
  await userEvent.type(await screen.findByLabelText('Word'), 'mine');
  await pressEscape();
  expect(screen.getByRole('button', { name: 'Go on typing' })).toBeInTheDocument();
  await pressEscape();
  expect(screen.queryByRole('button', { name: 'Go on typing' })).toBeNull();
  expect(screen.getByLabelText('Word')).toHaveValue('mine');
});
