import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import type { Tenant } from '~/api/types';
import { notifyFailure } from '~/ui/notify';
import { jobKeys } from '../jobs/queries';
import { useExplainHere } from '../ui/explain';
import { oneTenant, tenantKeys } from './queries';
import type { Turn } from './status';

function call(slug: string, turn: Turn) {
  const params = { params: { path: { slug } } };
  switch (turn) {
    case 'suspend':
      return control.POST('/api/v1/operator/tenants/{slug}/suspend', params);
    // A deletion is taken back by letting the tenant go on.
    case 'take_back':
    case 'resume':
      return control.POST('/api/v1/operator/tenants/{slug}/resume', params);
    case 'retry':
      return control.POST('/api/v1/operator/tenants/{slug}/retry', params);
    case 'delete':
      return control.POST('/api/v1/operator/tenants/{slug}/delete', params);
  }
}

/** Does something with a tenant. What is shown afterwards is what the server says, also after a refusal. */
export function useTurn(tenant: Tenant, onDone: (turn: Turn) => void) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (turn: Turn) => unwrap(call(tenant.slug, turn)),
    onSuccess: (now, turn) => {
      client.setQueryData(oneTenant(tenant.slug).queryKey, now);
      onDone(turn);
    },
    onError: (error, turn) =>
      void notifyFailure(t(`tenant.failed.${turn}`, { name: tenant.organisation }), explain(error)),
    onSettled: () => lookAgain(client),
  });
}

/** What was read of tenants and jobs is older than what was just done. */
export async function lookAgain(client: QueryClient): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: tenantKeys }),
    client.invalidateQueries({ queryKey: jobKeys }),
  ]);
}
