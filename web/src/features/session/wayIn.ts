import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Factors, LoggedIn, LoginAnswer } from '~/api/types';
import { welcome } from './session';

/**
 * What is still due before there is a session, and the token that says for whom. Which factors one
 * has is known unless one came back from the organisation's own sign-in.
 */
export type Due =
  | { kind: 'challenge'; token: string; factors?: Factors }
  | { kind: 'enrolment'; token: string };

/** What an answer to a sign-in still wants; null when it has opened a session. */
export function dueOf(answer: LoginAnswer): Due | null {
  if ('challenge_token' in answer) {
    return { kind: 'challenge', token: answer.challenge_token, factors: answer.methods };
  }
  if ('enrolment_token' in answer) return { kind: 'enrolment', token: answer.enrolment_token };
  return null;
}

/** The rest of a way in, whichever way it began: to the second factor, or inside. */
export function useWayIn(next?: string, begun: Due | null = null) {
  const navigate = useNavigate();
  const [due, setDue] = useState<Due | null>(begun);
  return {
    due,
    /** Goes on with what the server answered. */
    come: async (answer: LoginAnswer) => {
      const rest = dueOf(answer);
      setDue(rest);
      if (rest) return;
      welcome(answer as LoggedIn);
      await navigate({ to: next ?? '/', replace: true });
    },
    /** Back to the beginning. */
    restart: () => setDue(null),
  };
}

export type WayIn = ReturnType<typeof useWayIn>;
