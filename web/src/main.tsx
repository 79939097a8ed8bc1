import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import './app/tokens.css';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from './api/queries';
import { App } from './app/App';
import { router } from './app/router';
import { site } from './app/site';
import { forgetDrafts } from './features/messages/drafts';
import { currentPerson, startSession, subscribe } from './features/session/session';
import { startStepUp } from './features/session/stepUp';
import { startLanguage } from './i18n';

const queries = newQueryClient();
// Operators are no users: they have a session of another kind, at an address of their own.
if (site.kind === 'operator') {
  const { startDesk } = await import('./operator/session');
  startDesk(() => queries.clear());
} else {
  startSession();
  startStepUp();
}

// Nothing that one person has read or written may be seen by the next.
let before = currentPerson();
subscribe(() => {
  const now = currentPerson();
  if (before !== null && before !== now) {
    queries.clear();
    forgetDrafts();
    void router.invalidate();
  }
  before = now;
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
await startLanguage();
createRoot(root).render(<App queries={queries} />);
