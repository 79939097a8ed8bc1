import { Button, NativeSelect, Radio, Skeleton } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { TicketSettings } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { useTitle } from '~/ui/useTitle';
import { zones } from '../sla/zones';

const ticketSettings = queryOptions({
  queryKey: ['ticket-settings'],
  queryFn: ({ signal }) => unwrap(app.GET('/api/v1/ticket-settings', { signal })),
  refetchOnWindowFocus: true,
});

const REACHES: TicketSettings['agents_see'][] = ['own', 'team', 'all'];

/** What is set for all tickets: how far agents see, and by which clock reports count days. */
export function TicketSettingsPage() {
  const { t } = useTranslation('arrange');
  useTitle(t('ticket_settings.title'));
  const settings = useQuery(ticketSettings);
  return (
    <>
      <h1 className={page.title}>{t('ticket_settings.title')}</h1>
      <p className={page.intro}>{t('ticket_settings.intro')}</p>
      {settings.data ? (
        <>
          <Reach settings={settings.data} />
          <Zone settings={settings.data} />
        </>
      ) : settings.isError ? (
        <ErrorState
          title={t('error')}
          error={settings.error}
          onRetry={() => void settings.refetch()}
        />
      ) : (
        <div role="status" aria-busy="true" aria-label={t('loading')}>
          <Skeleton height={200} mt={16} radius={12} />
        </div>
      )}
    </>
  );
}

/** How far agents see. It acts at once and for all of them, so it is chosen first and saved then. */
function Reach({ settings }: { settings: TicketSettings }) {
  const { t } = useTranslation('arrange');
  const change = useChange();
  const [chosen, setChosen] = useState<TicketSettings['agents_see'] | null>(null);
  const reach = chosen ?? settings.agents_see;
  return (
    <Section id="reach" title={t('ticket_settings.reach')} text={t('ticket_settings.reach_text')}>
      <Radio.Group
        aria-labelledby="reach"
        value={reach}
        onChange={(to) => {
          setChosen(to as TicketSettings['agents_see']);
          change.reset();
        }}
      >
        <div className={page.form}>
          {REACHES.map((one) => (
            <Radio
              key={one}
              value={one}
              label={t(`ticket_settings.${one}`)}
              description={t(`ticket_settings.${one}_text`)}
            />
          ))}
        </div>
      </Radio.Group>
      <div className={page.foot}>
        <Button
          loading={change.isPending}
          disabled={reach === settings.agents_see}
          onClick={() => change.mutate({ agents_see: reach }, { onSuccess: () => setChosen(null) })}
        >
          {t('save')}
        </Button>
      </div>
      <Told change={change} />
    </Section>
  );
}

/** By which clock days begin in reports. All that they count is counted anew for another one. */
function Zone({ settings }: { settings: TicketSettings }) {
  const { t } = useTranslation('arrange');
  const change = useChange();
  const [zone, setZone] = useState(settings.time_zone);
  return (
    <Section id="zone" title={t('ticket_settings.zone')} text={t('ticket_settings.zone_text')}>
      <div className={page.foot}>
        <NativeSelect
          aria-labelledby="zone"
          value={zone}
          onChange={(event) => setZone(event.currentTarget.value)}
          data={zones(settings.time_zone)}
        />
        <Button
          loading={change.isPending}
          disabled={zone === settings.time_zone}
          onClick={() => change.mutate({ time_zone: zone })}
        >
          {t('save')}
        </Button>
      </div>
      <Told change={change} />
    </Section>
  );
}

function useChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<TicketSettings>) =>
      unwrap(app.PATCH('/api/v1/ticket-settings', { body })),
    onSuccess: (saved) => client.setQueryData(ticketSettings.queryKey, saved),
    onError: () => client.invalidateQueries({ queryKey: ticketSettings.queryKey }),
  });
}

/** What became of a change. */
function Told({ change }: { change: ReturnType<typeof useChange> }) {
  const { t } = useTranslation('arrange');
  const explain = useExplain();
  return (
    <>
      <p role="status" className={page.said}>
        {change.isSuccess && t('ticket_settings.saved')}
      </p>
      {change.isError && (
        <p role="alert" className={page.problem}>
          {explain(change.error)}
        </p>
      )}
    </>
  );
}
