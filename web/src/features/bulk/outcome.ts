import type { BulkJob } from '~/api/types';
import type { Place } from '~/ui/explain';

/** What became of a job: how many were done, and why others were not, each reason with its tickets. */
export type Outcome = { done: number; refused: { code: string; ids: number[] }[] };

export function outcomeOf({ results }: Pick<BulkJob, 'results'>): Outcome {
  const reasons = new Map<string, number[]>();
  for (const { id, ok, code } of results) {
    if (!ok) reasons.set(code ?? 'unexpected', [...(reasons.get(code ?? 'unexpected') ?? []), id]);
  }
  return {
    done: results.filter(({ ok }) => ok).length,
    refused: [...reasons].map(([code, ids]) => ({ code, ids })),
  };
}

/** What a conflict of an action is with: only these meet any. */
export function placeOf({ action }: { action: string }): Place | undefined {
  return action === 'assign' || action === 'snooze' ? action : undefined;
}
