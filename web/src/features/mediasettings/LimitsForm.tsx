import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Confirm } from '~/ui/Confirm';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { useSize } from '~/ui/size';
import { useHold } from '~/ui/useHold';
import { Changed } from '../arrange/Changed';
import { useTyped } from '../arrange/useTyped';
import { BOUNDS, type Counted, changed, MOST_BYTES, read, type Typed, typedOf } from './limits';
import classes from './MediaSettings.module.css';
import { SizeField } from './SizeField';

import { useSaveLimits, type Versioned } from './useSaveLimits';

/** How much of files one person may have, and how long is kept who had to do with them. */
export function LimitsForm({ settings }: { settings: Versioned }) {
  const { t, i18n } = useTranslation('arrange');
  const explain = useExplain();
  const form = useTyped(settings, (one) => typedOf(one ?? settings, i18n.language));
  const { typed, others, dirty } = form;
  const base = form.base ?? settings;
  const faultsOf = useFaults();
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState<number | null>(null);
  const save = useSaveLimits(base, form.settle);
  useHold(useCallback(() => dirty, [dirty]));
  const body = () => changed(base, read(typed));
  function submit(event: FormEvent) {
    event.preventDefault();
    const found = faultsOf(typed);
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    const months = body().access_log_months ?? base.access_log_months;
    if (months < base.access_log_months) setAsked(months);
    else save.mutate(body());
  }
  function set(name: keyof Typed, value: string) {
    form.set({ [name]: value });
    setFaults(({ [name]: _, ...rest }) => rest);
    if (!save.isPending) save.reset();
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      {others.met && !save.isPending && <Changed met={others.met} onReload={others.onReload} />}
      <Fields typed={typed} faults={faults} onChange={set} />
      <div className={page.foot}>
        <Button type="submit" loading={save.isPending} disabled={!dirty}>
          {t('save')}
        </Button>
        <span role="status" className={page.said}>
          {save.data && t('media_limits.saved')}
        </span>
      </div>
      {save.isError && (
        <p role="alert" className={page.problem}>
          {explain(save.error)}
        </p>
      )}
      <Confirm
        opened={asked !== null}
        title={t('media_limits.shorter')}
        text={t('media_limits.shorter_text', { months: asked })}
        submit={t('media_limits.shorter_submit', { months: asked })}
        destructive
        onConfirm={() => save.mutate(body())}
        onClose={() => setAsked(null)}
      />
    </form>
  );
}

/** The numbers with what each is for. */
function Fields(props: {
  typed: Typed;
  faults: Record<string, string>;
  onChange: (name: keyof Typed, value: string) => void;
}) {
  const { t } = useTranslation('arrange');
  const { typed, faults, onChange } = props;
  const number = (name: Counted) => ({
    inputMode: 'numeric' as const,
    autoComplete: 'off',
    classNames: { wrapper: classes.number },
    value: typed[name],
    error: faults[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange(name, event.currentTarget.value),
  });
  return (
    <>
      <SizeField
        label={t('media_limits.bytes')}
        words={{
          plain: t('media_limits.bytes_text'),
          as: (size) => t('media_limits.bytes_as', { size }),
        }}
        value={typed.bytes_per_user}
        error={faults.bytes_per_user}
        onChange={(value) => onChange('bytes_per_user', value)}
      />
      <TextInput
        label={t('media_limits.many')}
        description={t('media_limits.many_text')}
        {...number('files_per_user')}
      />
      <TextInput
        label={t('media_limits.daily')}
        description={t('media_limits.daily_text')}
        {...number('uploads_a_day')}
      />
      <TextInput
        label={t('media_limits.months')}
        description={t('media_limits.months_text')}
        rightSection={t('media_limits.month')}
        rightSectionWidth={72}
        {...number('access_log_months')}
      />
    </>
  );
}

/** What was typed that cannot be set. */
function useFaults(): (typed: Typed) => Record<string, string> {
  const { t } = useTranslation('arrange');
  const say = useSize();
  return (typed) => {
    const now = read(typed);
    const wrong = (Object.keys(BOUNDS) as Counted[]).filter((name) => now[name] === null);
    return {
      ...Object.fromEntries(
        wrong.map((name) => {
          const [min, max] = BOUNDS[name];
          return [name, t('media_limits.range', { min, max })];
        }),
      ),
      ...(now.bytes_per_user === null && {
        bytes_per_user: t('media_limits.bytes_wrong', { most: say(MOST_BYTES) }),
      }),
    };
  };
}
