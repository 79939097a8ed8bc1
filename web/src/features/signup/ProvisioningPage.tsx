import { Button, Loader } from '@mantine/core';
import { Link, useLocation, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf, site } from '~/app/site';
import { ErrorState } from '~/ui/ErrorState';
import { IconAlertTriangle, IconCheck } from '~/ui/icons';
import { DoorFrame } from '../session/DoorFrame';
import { useProvisioning } from '../tenant/status';
import { Steps } from './Steps';
import classes from './signup.module.css';

type Mark = 'done' | 'working' | 'failed' | 'later';

/** Shows the building of a helpdesk as it really is, and leads there when it stands. */
export function ProvisioningPage() {
  const { t } = useTranslation('signup');
  const { slug } = useParams({ from: '/signup/$slug' });
  const provisioning = useProvisioning(slug);
  const address = addressOf(slug, site);
  // Whoever has just signed up need not type the address again.
  const email = useLocation({ select: ({ state }) => state.email });
  const known = email ? `?${new URLSearchParams({ email })}` : '';
  const seconds = useSeconds(provisioning.data === 'provisioning' || provisioning.isPending);

  if (provisioning.data === null) {
    return (
      <DoorFrame
        title={t('provisioning.missing_title')}
        subtitle={t('provisioning.missing_text', { address })}
      >
        <Button component={Link} to="/signup" fullWidth mt={24}>
          {t('find.new')}
        </Button>
      </DoorFrame>
    );
  }
  const state = stateOf(provisioning.data);
  return (
    <DoorFrame title={t(`provisioning.${state.title}`)} subtitle={<Steps current={3} />}>
      <ol className={classes.progress} aria-live="polite">
        <Item mark="done">{t('provisioning.account')}</Item>
        <Item mark={state.database}>
          {t('provisioning.database')}
          <span className={classes.seconds} aria-hidden="true">
            {seconds > 0 && t('provisioning.seconds', { seconds })}
          </span>
        </Item>
        <Item mark={state.ready}>{t('provisioning.ready', { address })}</Item>
      </ol>
      {provisioning.failureCount > 1 && !provisioning.data && (
        <ErrorState title="" error={provisioning.failureReason} />
      )}
      {state.text && <p className={classes.intro}>{t(`provisioning.${state.text}`)}</p>}
      {state.ready === 'done' && (
        <Button component="a" href={`//${address}/login${known}`} fullWidth mt={20} autoFocus>
          {t('provisioning.open')}
        </Button>
      )}
    </DoorFrame>
  );
}

function stateOf(status: string | undefined) {
  if (status === undefined || status === 'provisioning') {
    return { title: 'title', text: 'stay', database: 'working', ready: 'later' } as const;
  }
  if (status === 'failed') {
    return {
      title: 'failed_title',
      text: 'failed_text',
      database: 'failed',
      ready: 'later',
    } as const;
  }
  return { title: 'done_title', text: 'done_text', database: 'done', ready: 'done' } as const;
}

function Item({ mark, children }: { mark: Mark; children: ReactNode }) {
  return (
    <li data-mark={mark} aria-current={mark === 'working' ? 'step' : undefined}>
      <span className={classes.mark} aria-hidden="true">
        {mark === 'done' && <IconCheck size={14} stroke={3} />}
        {mark === 'working' && <Loader size={16} />}
        {mark === 'failed' && <IconAlertTriangle size={16} />}
      </span>
      <span>{children}</span>
    </li>
  );
}

/** Whole seconds since the page was opened, as long as `running`. */
function useSeconds(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return seconds;
}
