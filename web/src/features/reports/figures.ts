import type { Figure, Figures } from '~/api/types';
import { count, NONE, points, share, span } from './numbers';

/** A column of a report: its name in the words, its value, and which number one looks behind. */
export type Column = {
  name: ColumnName;
  /** As a file has it. */
  value: (figures: Figures) => number | null;
  /** As it is read. */
  shown: (figures: Figures, language: string) => string;
  /** Behind which number it leads. */
  figure?: Figure;
};

const number = (name: ColumnName, figure: Figure, value: (figures: Figures) => number): Column => ({
  name,
  figure,
  value,
  shown: (figures, language) => count(value(figures), language),
});

const told = (
  name: ColumnName,
  value: (figures: Figures) => number | null | undefined,
  shown: (value: number | null | undefined, language: string) => string,
): Column => ({
  name,
  value: (figures) => value(figures) ?? null,
  shown: (figures, language) => shown(value(figures), language) || NONE,
});

export type ColumnName =
  | 'created'
  | 'answered'
  | 'resolved'
  | 'reopened'
  | 'closed_unresolved'
  | 'first_response'
  | 'resolution'
  | 'response_met'
  | 'response_breached'
  | 'response_rate'
  | 'resolution_met'
  | 'resolution_breached'
  | 'resolution_rate'
  | 'csat'
  | 'rated';

const created = number('created', 'created', (f) => f.created);
const answered = number('answered', 'answered', (f) => f.answered);
const resolved = number('resolved', 'resolved', (f) => f.resolved);
const reopened = number('reopened', 'reopened', (f) => f.reopened);
const unresolved = number('closed_unresolved', 'closed_unresolved', (f) => f.closed_unresolved);
const firstResponse = told('first_response', (f) => f.first_response_minutes, span);
const resolution = told('resolution', (f) => f.resolution_minutes, span);
const responseRate = told('response_rate', (f) => f.response.rate, share);
const resolutionRate = told('resolution_rate', (f) => f.resolution.rate, share);
const csat = told('csat', (f) => f.csat.average, points);
const rated = number('rated', 'rated', (f) => f.csat.answers);

/** What each report tells of each of its parts. */
export const COLUMNS = {
  overview: [created, resolved, answered, firstResponse, resolution, csat],
  sla: [
    number('response_met', 'response_met', (f) => f.response.met),
    number('response_breached', 'response_breached', (f) => f.response.breached),
    responseRate,
    number('resolution_met', 'resolution_met', (f) => f.resolution.met),
    number('resolution_breached', 'resolution_breached', (f) => f.resolution.breached),
    resolutionRate,
  ],
  agents: [
    ...[resolved, answered, firstResponse, resolution, reopened],
    ...[responseRate, resolutionRate, rated, csat],
  ],
  volume: [created, resolved, reopened, unresolved],
} satisfies Record<string, Column[]>;
