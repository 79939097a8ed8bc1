import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { CodeInput } from './CodeInput';

function Field({ onComplete }: { onComplete: (code: string) => void }) {
  const [code, setCode] = useState('');
  return <CodeInput label="Code" value={code} onChange={setCode} onComplete={onComplete} />;
}

function field() {
  const onComplete = vi.fn();
  render(
    <MantineProvider env="test">
      <Field onComplete={onComplete} />
    </MantineProvider>,
  );
  return { input: screen.getByLabelText('Code'), onComplete };
}

test('the sixth digit sends the code, once', async () => {
  const { input, onComplete } = field();
  await userEvent.type(input, '12345');
  expect(onComplete).not.toHaveBeenCalled();
  await userEvent.type(input, '67');
  expect(onComplete.mock.calls).toEqual([['123456']]);
});

test('a code that is pasted with spaces is sent at once', async () => {
  const { input, onComplete } = field();
  await userEvent.click(input);
  await userEvent.paste('123 456');
  expect(input).toHaveValue('123456');
  expect(onComplete.mock.calls).toEqual([['123456']]);
});

test('letters do not come in', () => {
  const { input } = field();
  fireEvent.change(input, { target: { value: '1a2b' } });
  expect(input).toHaveValue('12');
});

test('a digit that was wrong can be corrected, and the code is sent again', async () => {
  const { input, onComplete } = field();
  await userEvent.type(input, '123456');
  await userEvent.type(input, '{Backspace}7');
  expect(onComplete.mock.calls).toEqual([['123456'], ['123457']]);
});
