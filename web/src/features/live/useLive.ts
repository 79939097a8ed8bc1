import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { renew, token } from '../session/token';
import { applier } from './apply';
import { parseLive } from './events';
import { follow, type Line, type LiveState } from './stream';
import { joinTabs } from './tabs';

/** How long the page waits for the stream before it shows what it can without. */
const PATIENCE_MS = 500;

export type Live = {
  state: LiveState;
  /** Whether reading may begin: who listens first and reads then misses nothing in between. */
  ready: boolean;
};

/** Keeps everything on the page up to date while it is mounted. */
export function useLive(): Live {
  const client = useQueryClient();
  const [live, setLive] = useState<Live>({ state: 'connecting', ready: false });

  useEffect(() => {
    const end = new AbortController();
    const page = applier(client, end.signal);
    let lastId: string | null = null;
    let state: LiveState = 'connecting';
    let leading = false;
    let reading = false;

    function become(next: LiveState): void {
      state = next;
      if (next === 'live') reading = true;
      setLive({ state: next, ready: reading });
    }
    function take(line: Line): void {
      lastId = line.id ?? lastId;
      const event = parseLive(line.event, line.data);
      if (event) page.take(event);
    }
    const patience = setTimeout(() => {
      reading = true;
      setLive({ state, ready: true });
    }, PATIENCE_MS);

    const tabs = joinTabs(end.signal, (word) => {
      if ('ask' in word) leading && tabs.tell({ state });
      else if ('line' in word) take(word.line);
      else if ('gap' in word) page.catchUp();
      else if (!leading) become(word.state);
    });
    tabs.tell({ ask: true });
    tabs.lead(async () => {
      leading = true;
      await follow({
        url: '/api/v1/live',
        token,
        renew: () => renew().catch(() => null),
        lastId: () => lastId,
        onOpen: (resumed) => {
          // Nothing to resume from: whatever was read before the line stood may be out of date.
          if (resumed || !reading) return;
          page.catchUp();
          tabs.tell({ gap: true });
        },
        onLine: (line) => {
          take(line);
          tabs.tell({ line });
        },
        onState: (next) => {
          become(next);
          tabs.tell({ state: next });
        },
        signal: end.signal,
      });
    });
    return () => {
      clearTimeout(patience);
      end.abort();
    };
  }, [client]);

  return live;
}
