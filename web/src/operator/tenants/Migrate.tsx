import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tenant } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { notifyFailure } from '~/ui/notify';
import { migrationKeys, startRun } from '../migrations/queries';
import { useExplainHere } from '../ui/explain';

/** Brings one tenant's database to the release's schema, and leads to the run that does it. */
export function Migrate({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const names = { name: tenant.organisation, slug: tenant.slug };
  const start = useMutation({
    mutationFn: () => startRun({ tenant: tenant.slug }),
    onSuccess: ({ id }) => void navigate({ to: '/migrations/$id', params: { id } }),
    onError: (error) => void notifyFailure(t('migrate.failed', names), explain(error)),
    onSettled: () => client.invalidateQueries({ queryKey: migrationKeys }),
  });
  return (
    <>
      <Button variant="default" loading={start.isPending} onClick={() => setAsked(true)}>
        {t('migrate.act')}
      </Button>
      <Confirm
        opened={asked}
        title={t('migrate.ask', names)}
        text={t('migrate.text', names)}
        submit={t('migrate.submit', names)}
        onConfirm={() => start.mutate()}
        onClose={() => setAsked(false)}
      />
    </>
  );
}
