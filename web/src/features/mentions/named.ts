import { ApiError } from '~/api/problem';
import type { Agent } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { plain } from '~/ui/plain';

/** As many are offered at once; whoever means another one types on. */
const OFFERED = 6;

/** An `@` that names somebody, and is not part of an address. */
const AT = /(?:^|[^\p{L}\p{N}_.+-])@/gu;
/** The same with what is typed behind it, up to the cursor. */
const TYPED = /(?:^|[^\p{L}\p{N}_.+-])@((?:[^@\s][^@\n]*)?)$/u;
/** A name goes on: Anne is not Anne-Marie. */
const GOES_ON = /^-?[\p{L}\p{N}]/u;

/** Where an `@` stands behind which somebody is being named, and what is typed of the name. */
export type Asked = { from: number; typed: string };

/** How somebody is named: as they are called, and where others are called the same, with their address. */
export function handleOf(agent: Agent, colleagues: Agent[]): string {
  const name = fullName(agent);
  const alike = colleagues.some((other) => other.id !== agent.id && fullName(other) === name);
  return alike ? `${name} (${agent.email})` : name;
}

/** Whom a text names, each once. It is read from the text alone, so that a draft names them anywhere. */
export function namedIn(text: string, colleagues: Agent[]): Agent[] {
  const handles = colleagues
    .map((agent) => ({ agent, handle: handleOf(agent, colleagues) }))
    .sort((a, b) => b.handle.length - a.handle.length);
  const named = [...text.matchAll(AT)].flatMap(({ index, 0: at }) => {
    const rest = text.slice(index + at.length);
    const found = handles.find(
      ({ handle }) => rest.startsWith(handle) && !GOES_ON.test(rest.slice(handle.length)),
    );
    return found ? [found.agent] : [];
  });
  return [...new Set(named)];
}

/** Who is being named at the cursor; null where nobody is. */
export function beingNamed(text: string, at: number): Asked | null {
  const typed = TYPED.exec(text.slice(0, at))?.[1];
  return typed === undefined ? null : { from: at - typed.length - 1, typed };
}

/** Those of whose name a word begins like what is typed; nobody whose name stands there already. */
export function offered(typed: string, colleagues: Agent[]): Agent[] {
  return colleagues
    .map((agent) => ({ agent, handle: handleOf(agent, colleagues) }))
    .filter(({ handle }) => handle !== typed && ` ${plain(handle)}`.includes(` ${plain(typed)}`))
    .sort((a, b) => a.handle.localeCompare(b.handle))
    .slice(0, OFFERED)
    .map(({ agent }) => agent);
}

/** Because of whom a note was refused: somebody who does not see its ticket. */
export function unseeing(error: unknown, named: Agent[]): Agent | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return named.find((_, index) => error.fields.some(({ field }) => field === `mentions[${index}]`));
}
