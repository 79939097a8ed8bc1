import { Button, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChangeCluster, Cluster } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { Mark } from '~/ui/Mark';
import { notifyFailure } from '~/ui/notify';
import { RelativeTime } from '~/ui/RelativeTime';
import { useSize } from '~/ui/size';
import { useNow } from '~/ui/useNow';
import { useExplainHere } from '../ui/explain';
import ui from '../ui/ui.module.css';
import { stateOf, TONES } from './figures';
import { LimitDialog } from './LimitDialog';
import { changeCluster, clusterKeys } from './queries';
import { Used } from './Used';

/** One server. */
export function ClusterRow({
  cluster,
  onDone,
}: {
  cluster: Cluster;
  onDone: (said: string) => void;
}) {
  const { t } = useTranslation('operator');
  const size = useSize();
  const state = stateOf(cluster, useNow());
  const [asked, setAsked] = useState<'turn' | 'limit' | null>(null);
  const { name, accepting } = cluster;
  const change = useChange(name, onDone);
  const turn = accepting ? 'close' : 'open';
  return (
    <tr>
      <th scope="row">
        <span className={ui.names}>
          {name}
          <span className={ui.dim}>
            {cluster.host}:{cluster.port}
          </span>
          {cluster.replica && (
            <span className={ui.dim}>{t('clusters.replica', { place: cluster.replica })}</span>
          )}
        </span>
      </th>
      <td data-label={t('clusters.state')}>
        <span className={ui.names}>
          <Mark tone={TONES[state]}>{t(`clusters.states.${state}`)}</Mark>
          {cluster.trouble && <span className={ui.error}>{cluster.trouble}</span>}
          <span className={ui.dim}>
            {cluster.answered_at ? (
              <>
                {t('clusters.answered')} <RelativeTime at={cluster.answered_at} />
              </>
            ) : (
              t('clusters.never')
            )}
          </span>
        </span>
      </td>
      <td data-label={t('clusters.tenants')}>
        <Used
          label={t('clusters.tenants_of', { name })}
          used={cluster.tenants}
          most={cluster.max_tenants}
          more={cluster.spares > 0 ? t('clusters.spares', { number: cluster.spares }) : undefined}
        />
      </td>
      <td data-label={t('clusters.size')}>
        <Used
          label={t('clusters.size_of', { name })}
          used={cluster.bytes}
          most={cluster.max_bytes}
          said={size}
        />
      </td>
      <td data-label={t('clusters.connections')}>
        <Used
          label={t('clusters.connections_of', { name })}
          used={cluster.connections}
          most={cluster.max_connections}
        />
      </td>
      <td data-label={t('clusters.accepting')}>
        <Switch
          checked={accepting}
          disabled={change.isPending}
          aria-label={t('clusters.accepting_of', { name })}
          onChange={() => setAsked('turn')}
        />
      </td>
      <td className={ui.actions}>
        <Button
          size="xs"
          variant="default"
          aria-label={t('clusters.limit_of', { name })}
          onClick={() => setAsked('limit')}
        >
          {t('clusters.limit')}
        </Button>
        <Confirm
          opened={asked === 'turn'}
          title={t(`clusters.ask.${turn}`, { name })}
          text={t(`clusters.ask_text.${turn}`, { name })}
          submit={t(`clusters.submit.${turn}`, { name })}
          onConfirm={() => change.mutate({ accepting: !accepting })}
          onClose={() => setAsked(null)}
        />
        <LimitDialog
          opened={asked === 'limit'}
          cluster={cluster}
          onLimit={(max_tenants) => change.mutate({ max_tenants })}
          onClose={() => setAsked(null)}
        />
      </td>
    </tr>
  );
}

function useChange(name: string, onDone: (said: string) => void) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (to: ChangeCluster) => changeCluster(name, to),
    onSuccess: ({ accepting, max_tenants }, to) => {
      if (to.accepting !== undefined)
        onDone(t(`clusters.done.${accepting ? 'open' : 'close'}`, { name }));
      else if (max_tenants) onDone(t('clusters.done.limit', { name, most: max_tenants }));
      else onDone(t('clusters.done.no_limit', { name }));
    },
    onError: (error) => void notifyFailure(t('clusters.failed', { name }), explain(error)),
    onSettled: () => client.invalidateQueries({ queryKey: clusterKeys }),
  });
}
