import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import type { Agent } from '~/api/types';
import { usePerson } from '../session/session';
import { agentList } from '../tickets/queries';
import { type Asked, beingNamed, handleOf, namedIn, offered } from './named';

/** Keys that take the cursor away from the name. */
const AWAY = ['ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown'];

type Props = {
  /** Whether what is written can name somebody: only notes do. */
  on: boolean;
  text: string;
  /** Puts a text in the place of what stands between `from` and the cursor. */
  insert: (added: string, from: number) => void;
};

export type Naming = ReturnType<typeof useNaming>;

/** Names colleagues behind an `@`. The field keeps the focus; its keys move through who is offered. */
export function useNaming({ on, text, insert }: Props) {
  const me = usePerson().id;
  const list = useId();
  const { data = [] } = useQuery({ ...agentList, enabled: on && text.includes('@') });
  const [asked, setAsked] = useState<Asked | null>(null);
  const [at, setAt] = useState(0);
  /** The `@` behind which nobody is meant. */
  const left = useRef<number | null>(null);
  const colleagues = data.filter(({ id }) => id !== me);
  const stands = on && asked && text.startsWith(`@${asked.typed}`, asked.from);
  const choices = stands ? offered(asked.typed, colleagues) : [];
  const chosen = choices[Math.min(at, choices.length - 1)] ?? null;
  const optionOf = ({ id }: Agent) => `${list}-${id}`;

  /** Looks where somebody writes. */
  function look(field: HTMLTextAreaElement) {
    const found = beingNamed(field.value, field.selectionStart);
    if (found?.from !== left.current) left.current = null;
    setAsked(left.current === null ? found : null);
    setAt(0);
  }
  function choose(agent: Agent) {
    if (asked) insert(`@${handleOf(agent, colleagues)} `, asked.from);
    setAsked(null);
  }
  /** Whether the key was meant for who is offered. */
  function onKeyDown(event: KeyboardEvent): boolean {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (AWAY.includes(key)) setAsked(null);
    // A key with another one, or of a letter that is still being put together, means something else.
    if (!chosen || !asked || ctrlKey || metaKey || altKey || shiftKey) return false;
    if (event.nativeEvent.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step) {
      setAt((choices.indexOf(chosen) + step + choices.length) % choices.length);
    } else if (key === 'Enter' || key === 'Tab') {
      choose(chosen);
    } else if (key === 'Escape') {
      left.current = asked.from;
      setAsked(null);
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }
  return {
    list,
    choices,
    chosen,
    named: on ? namedIn(text, colleagues) : [],
    optionOf,
    look,
    choose,
    onKeyDown,
    leave: () => setAsked(null),
    // Several lines are no combobox by the rules of ARIA; a field for text may own a list all the same.
    aria: {
      'aria-autocomplete': on ? 'list' : undefined,
      'aria-haspopup': on ? 'listbox' : undefined,
      'aria-controls': chosen ? list : undefined,
      'aria-activedescendant': chosen ? optionOf(chosen) : undefined,
    } as const,
  };
}
