import { act, renderHook } from '@testing-library/react';
import { useEffect } from 'react';
import { expect, test } from 'vitest';
import { useTyped } from './useTyped';

type One = { version: number; name: string; place: string };

const typedOf = (one: One | null) => ({ name: one?.name ?? '', place: one?.place ?? '' });
const first = { version: 1, name: 'Returns', place: 'Lyon' };

test.each([
  [{ place: 'Nice' }, 'beside', { name: 'Mine', place: 'Nice' }],
  [{ name: 'Theirs' }, 'over', { name: 'Mine', place: 'Lyon' }],
] as const)(
  'another’s %o is told with the very drawing that builds on it',
  (theirs, met, typed) => {
    const drawn: unknown[] = [];
    const form = renderHook(
      ({ one }: { one: One }) => {
        const form = useTyped(one, typedOf);
        useEffect(() => void drawn.push([one.version, form.others.met]), [one, form.others.met]);
        return form;
      },
      { initialProps: { one: first } },
    );
    act(() => form.result.current.set({ name: 'Mine' }));
    form.rerender({ one: { ...first, ...theirs, version: 2 } });
    expect(drawn).toEqual([
      [1, null],
      [2, met],
    ]);
    expect(form.result.current.typed).toEqual(typed);
  },
);
