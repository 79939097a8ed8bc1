import { useEffect, useRef } from 'react';

/** What the keyboard can ask of whichever part of the console knows how to do it. */
export type Command =
  | 'next'
  | 'previous'
  | 'reply'
  | 'note'
  | 'assign'
  | 'status'
  | 'priority'
  | 'find'
  | 'new'
  | 'select'
  | 'select_range'
  | 'macro'
  | 'tags'
  | 'snooze'
  | 'go_mine'
  | 'go_unassigned'
  | 'go_all'
  | 'go_waiting'
  | 'go_snoozed'
  | 'go_breaching'
  | 'palette'
  | 'sheet';

const doers = new Map<Command, Set<() => void>>();

/** Does `work` when the command is given, as long as the component is mounted; without work it is not followed. */
export function useCommand(command: Command, work: (() => void) | null): void {
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  const isFollowing = work !== null;
  useEffect(() => {
    if (!isFollowing) return;
    const run = () => latest.current?.();
    const set = doers.get(command) ?? new Set();
    doers.set(command, set.add(run));
    return () => {
      set.delete(run);
    };
  }, [command, isFollowing]);
}

/** Whether somebody is there to follow a command. */
export function isFollowed(command: Command): boolean {
  return Boolean(doers.get(command)?.size);
}

/** Gives a command; says whether somebody was there to follow it. */
export function give(command: Command): boolean {
  const set = doers.get(command);
  for (const run of set ?? []) run();
  return Boolean(set?.size);
}
