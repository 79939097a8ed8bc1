/** What one field of a refused body did wrong. */
export type FieldProblem = { field: string; code: string; message: string };
/** Of what a plan allows no more, how many it allows, and how many there are. */
export type Quota = { limit: string; allowed: number; used: number };

/**
 * An answer that is not a success, as the API's problem+json tells it.
 * `offline` is ours: the request never got an answer.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | null,
    readonly fields: FieldProblem[] = [],
    readonly retryAfter: number | null = null,
    readonly quota: Quota | null = null,
  ) {
    super(`${status} ${code}: ${detail}`);
    this.name = 'ApiError';
  }
}

/** Reads a problem out of an answer, whoever wrote it: an API, the gateway, or nobody. */
export function problemOf(body: unknown, response: Response): ApiError {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(
    response.status,
    typeof said.code === 'string' ? said.code : codeOfStatus(response.status),
    typeof said.detail === 'string' ? said.detail : response.statusText,
    typeof said.request_id === 'string' ? said.request_id : response.headers.get('x-request-id'),
    Array.isArray(said.errors) ? (said.errors as FieldProblem[]) : [],
    Number.isFinite(seconds) ? seconds : null,
    typeof said.quota === 'object' ? (said.quota as Quota | null) : null,
  );
}

/** The nearest code of the contract for an answer without one. */
function codeOfStatus(status: number): string {
  if (status === 429) return 'rate_limited';
  if (status === 404) return 'not_found';
  if (status === 413) return 'payload_too_large';
  return status >= 500 ? 'unavailable' : 'unexpected';
}

/** The request did not reach the server, or its answer did not reach us. */
export function unreachable(cause: unknown): ApiError {
  return new ApiError(0, 'offline', cause instanceof Error ? cause.message : '', null);
}

/**
 * Whether a code, a password or a passkey did not fit, where somebody proves who they are. A session
 * that has ended answers the same; whoever had it is signed out before this is said.
 */
export function isWrongProof(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && error.code !== 'token_expired';
}

/** Whether the organisation's plan lets no more of something in. */
export function isOverQuota(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'quota_exceeded';
}

/** Whether asking again may succeed without anybody changing anything. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}
