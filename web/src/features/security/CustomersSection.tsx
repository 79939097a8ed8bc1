import { Skeleton, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { control, ifVersion, unwrap } from '~/api/client';
import type { TenantSettings } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { Section } from '~/ui/Section';
import { tenantSettings } from '../tenant/settings';

/** How customers may come in without a password. */
export function CustomersSection() {
  const { t } = useTranslation('security');
  const tenant = useQuery(tenantSettings);
  return (
    <Section id="customers" title={t('customers.title')} text={t('customers.text')}>
      {tenant.data ? (
        <MagicLink settings={tenant.data} />
      ) : tenant.isError ? (
        <ErrorState
          title={t('customers.error')}
          error={tenant.error}
          onRetry={() => void tenant.refetch()}
        />
      ) : (
        <Skeleton height={20} width="50%" aria-label={t('customers.title')} />
      )}
    </Section>
  );
}

/** Saves as it is switched; while that is under way it shows what was asked for. */
function MagicLink({ settings }: { settings: TenantSettings }) {
  const { t } = useTranslation('security');
  const explain = useExplain();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (on: boolean) =>
      unwrap(
        control.PATCH('/api/v1/tenant', {
          params: { header: ifVersion(settings.version) },
          body: { customer_magic_link: on },
        }),
      ),
    onSuccess: (saved) => client.setQueryData(tenantSettings.queryKey, saved),
    onError: (error) => {
      void notifyFailure(t('customers.failed'), explain(error));
      void client.invalidateQueries({ queryKey: tenantSettings.queryKey });
    },
  });
  return (
    <Switch
      label={t('customers.magic_link')}
      description={t('customers.magic_link_text')}
      checked={save.isPending ? save.variables : settings.customer_magic_link}
      disabled={save.isPending}
      onChange={(event) => save.mutate(event.currentTarget.checked)}
    />
  );
}
