import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tenant } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { notifyFailure } from '~/ui/notify';
import { migrationKeys, startRun } from '../migrations/queries';
import { meetsHeld } from '../migrations/rules';
import { useExplainHere } from '../ui/explain';

/**
 * Brings one tenant's database to the release's schema, and leads to the run that does it. While another
 * run is held, it asks once more: that one ends then.
 */
export function Migrate({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [asked, setAsked] = useState<'first' | 'held'>();
  const names = { name: tenant.organisation, slug: tenant.slug };
  const start = useMutation({
    mutationFn: (replaces_held: boolean) => startRun({ tenant: tenant.slug, replaces_held }),
    onSuccess: ({ id }) => void navigate({ to: '/migrations/$id', params: { id } }),
    onError: (error) => {
      if (meetsHeld(error)) setAsked('held');
      else void notifyFailure(t('migrate.failed', names), explain(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: migrationKeys }),
  });
  return (
    <>
      <Button variant="default" loading={start.isPending} onClick={() => setAsked('first')}>
        {t('migrate.act')}
      </Button>
      <Confirm
        opened={asked === 'first'}
        title={t('migrate.ask', names)}
        text={t('migrate.text', names)}
        submit={t('migrate.submit', names)}
        onConfirm={() => start.mutate(false)}
        onClose={() => setAsked(undefined)}
      />
      <Confirm
        opened={asked === 'held'}
        title={t('migrate.ask', names)}
        text={t('errors.migration_held')}
        submit={t('migrations.replace_held')}
        destructive
        onConfirm={() => start.mutate(true)}
        onClose={() => setAsked(undefined)}
      />
    </>
  );
}
