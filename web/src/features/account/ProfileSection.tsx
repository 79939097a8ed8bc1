import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { followLocale, NAMES } from '~/i18n';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { checkFilled, fieldErrors } from '../session/fields';
import { me } from '../session/me';
import { Refusal } from '../session/Refusal';
import { renew } from '../session/token';
import classes from './account.module.css';
import { type Profile, profile, saveProfile, type Typed, typedSince, wishOf } from './profile';

/** One's own name, and the language in which one is written to. */
export function ProfileSection() {
  const { t } = useTranslation('account');
  const own = useQuery(profile);
  return (
    <Section id="profile" title={t('profile.title')} text={t('profile.text')}>
      {own.data ? (
        <Form own={own.data} />
      ) : own.isError ? (
        <ErrorState
          title={t('profile.error')}
          error={own.error}
          onRetry={() => void own.refetch()}
        />
      ) : (
        <Skeleton height={236} aria-label={t('profile.loading')} />
      )}
    </Section>
  );
}

function Form({ own }: { own: Profile }) {
  const { t } = useTranslation('account');
  const { t: session } = useTranslation('session');
  const client = useQueryClient();
  // The rest is what the server says, so that a change made elsewhere is seen and not undone.
  const [touched, setTouched] = useState<Partial<Typed>>({});
  const [faults, setFaults] = useState<Record<string, string>>({});
  const wish = wishOf(own.me, touched);

  const save = useMutation({
    mutationFn: (sent: Partial<Typed>) => saveProfile(own.tag, wishOf(own.me, sent)),
    onSuccess: (saved, sent) => {
      setTouched((now) => typedSince(sent, now));
      client.setQueryData(profile.queryKey, saved);
      client.setQueryData(me.queryKey, saved.me);
      void followLocale(saved.me.locale);
      // The name at the account menu comes with the session; the next renewal brings it, too.
      renew().catch(() => {});
    },
    onError: (error) => {
      setFaults(fieldErrors(session, error));
      if (isOutdated(error)) void client.invalidateQueries({ queryKey: profile.queryKey });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = Object.entries(wish).flatMap(([name, value]) => {
      const fault = checkFilled(session, value ?? '');
      return fault ? [[name, fault]] : [];
    });
    setFaults(Object.fromEntries(found));
    if (found.length === 0) save.mutate(touched);
  }
  function field(name: keyof Typed) {
    return {
      value: touched[name] ?? own.me[name],
      error: faults[name],
      onChange: (event: { currentTarget: { value: string } }) => {
        const { value } = event.currentTarget;
        setTouched((now) => ({ ...now, [name]: value }));
        setFaults(({ [name]: _, ...others }) => others);
        if (!save.isPending) save.reset();
      },
    };
  }
  return (
    <form className={classes.fields} noValidate onSubmit={submit}>
      {Object.keys(faults).length === 0 && (
        <Refusal
          error={save.error}
          says={isOutdated(save.error) ? t('profile.changed') : undefined}
        />
      )}
      <TextInput
        label={session('firstname')}
        autoComplete="given-name"
        maxLength={255}
        {...field('firstname')}
      />
      <TextInput
        label={session('lastname')}
        autoComplete="family-name"
        maxLength={255}
        {...field('lastname')}
      />
      <NativeSelect
        label={t('profile.locale')}
        description={t('profile.locale_text')}
        data={Object.entries(NAMES).map(([value, label]) => ({ value, label }))}
        {...field('locale')}
      />
      <div className={page.foot}>
        <Button
          type="submit"
          variant="default"
          loading={save.isPending}
          disabled={Object.keys(wish).length === 0}
        >
          {t('profile.save')}
        </Button>
        <span role="status" className={page.said}>
          {save.isSuccess && t('profile.saved')}
        </span>
      </div>
    </form>
  );
}

function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}
