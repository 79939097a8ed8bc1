import { Loader, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import type { Cluster, Tenant } from '~/api/types';
import { Refusal } from '~/features/session/Refusal';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { clusterChoice } from '../clusters/queries';
import { useExplainHere } from '../ui/explain';
import { FormEnd, InDialog } from '../ui/InDialog';
import { lookAgain } from './turn';

type Props = { tenant: Tenant; onDone: (said: string) => void };

/** Moves a tenant's database to another server, which one chooses among those that take tenants. */
export function Move(props: Props) {
  const { t } = useTranslation('operator');
  return (
    <InDialog act={t('move.act')} title={t('move.title', { name: props.tenant.organisation })}>
      {(close) => <Choice {...props} onClose={close} />}
    </InDialog>
  );
}

function Choice(props: Props & { onClose: () => void }) {
  const { t } = useTranslation('operator');
  const clusters = useQuery({ ...clusterChoice, staleTime: 0 });
  if (clusters.isPending) return <Loader size="sm" aria-label={t('list.loading')} />;
  if (!clusters.data) {
    return (
      <ErrorState
        title={t('list.error')}
        error={clusters.error}
        onRetry={() => void clusters.refetch()}
      />
    );
  }
  const others = clusters.data.filter(
    ({ name, accepting }) => accepting && name !== props.tenant.cluster,
  );
  return others.length === 0 ? (
    <p className={page.text}>{t('move.nowhere')}</p>
  ) : (
    <Form {...props} clusters={others} />
  );
}

function Form({
  tenant,
  clusters,
  onDone,
  onClose,
}: Props & { clusters: Cluster[]; onClose: () => void }) {
  const { t, i18n } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  const [cluster, setCluster] = useState(clusters[0]?.name ?? '');
  const { slug, organisation: name } = tenant;
  const move = useMutation({
    mutationFn: () =>
      unwrap(
        control.POST('/api/v1/operator/tenants/{slug}/move', {
          params: { path: { slug } },
          body: { cluster },
        }),
      ),
    onSuccess: () => {
      onDone(t('move.done', { name, cluster }));
      onClose();
    },
    onSettled: () => lookAgain(client),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    move.mutate();
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p className={page.text}>{t('move.text', { name, from: tenant.cluster ?? '–' })}</p>
      <Refusal error={move.error} says={move.error ? explain(move.error) : null} />
      <NativeSelect
        label={t('move.to')}
        data-autofocus
        value={cluster}
        onChange={(event) => setCluster(event.currentTarget.value)}
        data={clusters.map((one) => ({
          value: one.name,
          label: t('move.choice', {
            name: one.name,
            tenants: new Intl.NumberFormat(i18n.language).format(one.tenants),
          }),
        }))}
      />
      <FormEnd submit={t('move.submit', { slug })} pending={move.isPending} onClose={onClose} />
    </form>
  );
}
