import { control, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';

/** So many sessions are read at a time. */
const PAGE = 100;
/** Longest wait for the server's leave to go on; it allows so much in a minute. */
const LONGEST_WAIT_S = 90;

/** Ends one session; one that is over already has ended, too. */
export async function endSession(id: string): Promise<void> {
  await unwrap(control.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } }));
}

/**
 * Ends all sessions but this one, one by one: the route that ends all of them would end this one too.
 * Where that is more than the server takes in a minute it goes on when the server says so. `told`
 * hears how many have ended.
 */
export async function endOthers(told: (ended: number) => void): Promise<void> {
  let cursor: string | undefined;
  let ended = 0;
  do {
    const query = { limit: PAGE, cursor };
    const some = await inTime(() =>
      unwrap(control.GET('/api/v1/auth/sessions', { params: { query } })),
    );
    for (const { id } of some.data.filter(({ current }) => !current)) {
      await inTime(() => endSession(id).catch(unlessGone));
      ended += 1;
      told(ended);
    }
    cursor = some.page.next_cursor ?? undefined;
  } while (cursor);
}

/** Does it, and again after the wait that the server asks for, as often as it asks. */
async function inTime<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const seconds = error instanceof ApiError && error.status === 429 ? error.retryAfter : null;
      if (seconds === null || seconds > LONGEST_WAIT_S) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(seconds, 1)));
    }
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError) || error.status !== 404) throw error;
}
