import { queryOptions } from '@tanstack/react-query';
import { control, ifVersion, unwrap } from '~/api/client';
import type { TenantSettings } from '~/api/types';

/** What an admin can set; the numbers as they are typed. */
export type Typed = {
  organisation: string;
  locale: TenantSettings['locale'];
  waiting_close_days: string;
  resolved_close_hours: string;
};

/** Bounds of the numbers, the same as the server's. */
export const RANGE = { waiting_close_days: 365, resolved_close_hours: 8760 } as const;

export const tenantSettings = queryOptions({
  queryKey: ['tenant', 'settings'],
  queryFn: ({ signal }) => unwrap(control.GET('/api/v1/tenant', { signal })),
  refetchOnWindowFocus: true,
});

/** What stands in the form for these settings. */
export function typedOf(settings: TenantSettings): Typed {
  return {
    organisation: settings.organisation,
    locale: settings.locale,
    waiting_close_days: String(settings.waiting_close_days),
    resolved_close_hours: String(settings.resolved_close_hours),
  };
}

/** The fields that were changed: only these are sent, so that nobody's other change is undone. */
export function changed(before: Typed, now: Typed): (keyof Typed)[] {
  return (Object.keys(before) as (keyof Typed)[]).filter(
    (name) => before[name].trim() !== now[name].trim(),
  );
}

/** What was typed over what the server has now: another's changes show, one's own stay. */
export function merged(before: Typed, typed: Typed, server: Typed): Typed {
  const mine = changed(before, typed).map((name) => [name, typed[name]]);
  return { ...server, ...Object.fromEntries(mine) };
}

/** Saves the changed fields; refused when somebody else has changed the settings meanwhile. */
export function saveSettings(before: TenantSettings, typed: Typed): Promise<TenantSettings> {
  const names = new Set(changed(typedOf(before), typed));
  return unwrap(
    control.PATCH('/api/v1/tenant', {
      params: { header: ifVersion(before.version) },
      body: {
        ...(names.has('organisation') && { organisation: typed.organisation.trim() }),
        ...(names.has('locale') && { locale: typed.locale }),
        ...(names.has('waiting_close_days') && {
          waiting_close_days: Number(typed.waiting_close_days),
        }),
        ...(names.has('resolved_close_hours') && {
          resolved_close_hours: Number(typed.resolved_close_hours),
        }),
      },
    }),
  );
}

/** Whether a number is whole and within its bounds. */
export function inRange(value: string, max: number): boolean {
  return /^\d+$/.test(value.trim()) && Number(value) >= 1 && Number(value) <= max;
}
