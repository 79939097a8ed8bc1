import { useSyncExternalStore } from 'react';
import { proveBy } from '~/api/client';
import { currentPerson, subscribe as onSession } from './session';

type Answer = (proved: boolean) => void;

/** Who waits for the person's answer; null when nobody was asked. */
let waiting: { promise: Promise<boolean>; answer: Answer } | null = null;
const listeners = new Set<() => void>();

/**
 * Asks whoever is here to prove once more who they are. Several requests that want a proof at the
 * same time share one question.
 */
export function askForProof(): Promise<boolean> {
  if (!waiting) {
    let answer: Answer = () => {};
    const promise = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    waiting = { promise, answer };
    tell();
  }
  return waiting.promise;
}

/** Ends the question, for all who wait for it. */
export function answerProof(proved: boolean): void {
  waiting?.answer(proved);
  waiting = null;
  tell();
}

/** Whether somebody is being asked. */
export function useAsked(): boolean {
  return useSyncExternalStore(subscribe, () => waiting !== null);
}

/** Lets the transport ask. Called once, before anything is drawn. */
export function startStepUp(): void {
  proveBy(askForProof);
  // Nobody is asked any more when the session is over, nor the next person instead.
  onSession(() => {
    if (currentPerson() === null) answerProof(false);
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
