import { type HttpRequest, type HttpResponse, type HttpStack, Upload } from 'tus-js-client';
import { ApiError, isPassing, problemOf, unreachable } from '~/api/problem';
import { renew, token } from '../session/token';
import { remembered } from './remembered';

/** How long is waited before each further try. */
const DELAYS_MS = [0, 1000, 3000, 5000, 10_000, 20_000];
/** When all of them failed, it is tried again this often, for as long as the page is open. */
const PATIENCE_MS = 20_000;
/** So often in a row the server may fail without a byte more before that is the end. */
const MOST_FAULTS = 5;
/** So long nothing may move before the line is taken for dead. */
const STALLED_MS = 60_000;

/** What a file is sent with. */
export type Wish = {
  file: File;
  /** What it is found again by. */
  fingerprint: string;
  metadata: Record<string, string>;
  /** How requests are made, where that is not the browser's way. */
  stack?: HttpStack;
};
/** What is heard of it on the way; after `onDone` and `onFail` nothing more. */
export type Hear = {
  onSent: (bytes: number) => void;
  /** The line is gone or the server is busy: it goes on by itself. */
  onWait: () => void;
  onDone: (attachmentId: number) => void;
  onFail: (problem: ApiError) => void;
};
export type Sending = {
  /** Stops, and leaves what was sent where it is. */
  stop: () => void;
  /** Stops, and has the server forget what was sent. */
  cancel: () => Promise<void>;
};

/** Sends a file by the tus protocol (1.0). It goes on where an earlier try has stopped. */
export function sendFile(wish: Wish, hear: Hear): Sending {
  let isBegun = false;
  let isOver = false;
  const line = watchLine({
    onLost: () => {
      void upload.abort();
      hear.onWait();
    },
    onBack: () => isBegun && upload.start(),
  });
  const last = lastAnswer();
  const upload = new Upload(wish.file, {
    endpoint: `${window.location.origin}/api/v1/uploads`,
    metadata: wish.metadata,
    fingerprint: async () => wish.fingerprint,
    urlStorage: remembered,
    removeFingerprintOnSuccess: true,
    retryDelays: DELAYS_MS,
    ...(wish.stack && { httpStack: wish.stack }),
    onBeforeRequest: (request) => {
      line.moves();
      return last.before(request);
    },
    onAfterResponse: last.after,
    onProgress: (bytes) => {
      line.moves();
      hear.onSent(bytes);
    },
    onShouldRetry: () => {
      if (last.isStuck()) return false;
      const again = last.isPassing() || last.isMended();
      if (again) hear.onWait();
      return again && last.problem().retryAfter === null && navigator.onLine;
    },
    onSuccess: ({ lastResponse }) => {
      line.end();
      const id = Number(lastResponse.getHeader('Attachment-Id'));
      if (id > 0) hear.onDone(id);
      else hear.onFail(new ApiError(lastResponse.getStatus(), 'unexpected', '', null));
    },
    onError: () => {
      const problem = last.problem();
      if (last.isStuck()) {
        // What was sent stays: another try goes on from there.
        line.end();
        return hear.onFail(problem);
      }
      if (last.isPassing()) {
        hear.onWait();
        return line.later(problem.retryAfter === null ? PATIENCE_MS : problem.retryAfter * 1000);
      }
      line.end();
      void remembered.removeUpload(wish.fingerprint);
      hear.onFail(problem);
    },
  });
  void upload.findPreviousUploads().then(([earlier]) => {
    if (isOver) return;
    if (earlier) upload.resumeFromPreviousUpload(earlier);
    isBegun = true;
    if (!line.isDown()) upload.start();
  });
  const stop = () => {
    isOver = true;
    line.end();
    void upload.abort();
  };
  return {
    stop,
    cancel: async () => {
      stop();
      await remembered.removeUpload(wish.fingerprint);
      // What the server is not told of, it forgets by itself after a day.
      await upload.abort(true).catch(() => {});
    },
  };
}

/** What the server said last, and how requests are signed. */
function lastAnswer() {
  let said = unreachable(null);
  let method = '';
  let refusals = 0;
  let faults = 0;
  let offset = 0;
  return {
    before: async (request: HttpRequest) => {
      method = request.getMethod();
      const fresh = said.status === 401 || !token() ? await renew().catch(() => null) : null;
      said = unreachable(null);
      const bearer = fresh ?? token();
      if (bearer) request.setHeader('Authorization', `Bearer ${bearer}`);
    },
    after: (_request: HttpRequest, response: HttpResponse) => {
      const status = response.getStatus();
      refusals = status === 401 ? refusals + 1 : 0;
      const now = Number(response.getHeader('Upload-Offset') ?? 0);
      if (now > offset) [offset, faults] = [now, 0];
      if (status >= 500) faults += 1;
      if (status < 400) return;
      said = problemIn(response);
      // The client takes each refusal of a question for the end of what was sent; these are none.
      const isEnd = status < 500 && ![401, 408, 423, 429].includes(status);
      if (method === 'HEAD' && !isEnd) throw said;
    },
    problem: () => said,
    /** Whether the server fails again and again: waiting has not helped. */
    isStuck: () => faults >= MOST_FAULTS && said.status >= 500,
    /** Whether it may go well later, without anybody doing anything. */
    isPassing: () => isPassing(said) || [408, 423, 429].includes(said.status),
    /** Whether the next try is another one: with a fresh token, from where the server is, or from the beginning. */
    isMended: () => {
      if (said.status === 401) return refusals < 2;
      if (said.status >= 500) return true;
      if (method === 'POST') return false;
      return [404, 410].includes(said.status) || (said.status === 409 && said.code === 'conflict');
    },
  };
}

/** The problem that an answer tells of. */
function problemIn(response: HttpResponse): ApiError {
  const after = response.getHeader('Retry-After');
  const headers = after ? { 'retry-after': after } : undefined;
  let body: unknown = null;
  try {
    body = JSON.parse(response.getBody());
  } catch {
    // Whoever stands between says it in other words; the status is enough.
  }
  return problemOf(body, new Response(null, { status: response.getStatus(), headers }));
}

/** Says when the line is lost and when it is worth trying again. */
function watchLine({ onLost, onBack }: { onLost: () => void; onBack: () => unknown }) {
  let again: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let isDown = false;
  const back = () => {
    if (!isDown) return;
    isDown = false;
    clearTimeout(again);
    onBack();
  };
  const lost = () => {
    isDown = true;
    clearTimeout(silence);
    onLost();
  };
  window.addEventListener('offline', lost);
  window.addEventListener('online', back);
  return {
    /** Something is sent. */
    moves: () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        lost();
        back();
      }, STALLED_MS);
    },
    isDown: () => isDown,
    later: (ms: number) => {
      isDown = true;
      clearTimeout(silence);
      again = setTimeout(back, ms);
    },
    end: () => {
      clearTimeout(again);
      clearTimeout(silence);
      window.removeEventListener('offline', lost);
      window.removeEventListener('online', back);
    },
  };
}
