import { Button, NativeSelect, PasswordInput, Skeleton, Switch, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { Confirm } from '~/ui/Confirm';
import { CopyAddress } from '~/ui/CopyAddress';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { Changed } from '../arrange/Changed';
import { useTyped } from '../arrange/useTyped';
import { useWait } from '../session/countdown';
import { checkFilled, fieldErrors } from '../session/fields';
import { ssoAddress } from '../session/methods';
import { Refusal } from '../session/Refusal';
import {
  CALLBACK,
  domainsOf,
  identityProvider,
  type Provider,
  removeProvider,
  saveProvider,
  type Typed,
  typedOf,
} from './provider';

/** The organisation's own sign-in (OpenID Connect). */
export function ProviderSection() {
  const { t } = useTranslation('security');
  const provider = useQuery(identityProvider);
  /** Whether the form stays though nothing is set. */
  const [isKept, setIsKept] = useState(false);
  return (
    <Section id="sso" title={t('sso.title')} text={t('sso.text')}>
      {provider.isPending ? (
        <Skeleton height={280} aria-label={t('sso.title')} />
      ) : provider.isError && provider.data === undefined ? (
        <ErrorState
          title={t('sso.error')}
          error={provider.error}
          onRetry={() => void provider.refetch()}
        />
      ) : provider.data || isKept ? (
        <Form provider={provider.data ?? null} onKept={setIsKept} />
      ) : (
        <div className={page.foot}>
          <Button variant="default" onClick={() => setIsKept(true)}>
            {t('sso.set_up')}
          </Button>
        </div>
      )}
    </Section>
  );
}

const REQUIRED = ['issuer', 'client_id', 'name'] as const;

type Props = { provider: Provider | null; onKept: (isKept: boolean) => void };

function Form({ provider, onKept }: Props) {
  const { t } = useTranslation('security');
  const { t: common } = useTranslation();
  const { t: session } = useTranslation('session');
  const explain = useExplain();
  const client = useQueryClient();
  const { base, typed, others, ...form } = useTyped(provider, typedOf);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState(false);
  const save = useMutation({
    mutationFn: () => saveProvider(base, typed),
    onSuccess: (saved) => {
      // First, so that nothing of it looks like another's change.
      form.settle(saved);
      client.setQueryData(identityProvider.queryKey, saved);
    },
    onError: async (error) => {
      setFaults(fieldErrors(session, error));
      if (isOutdated(error)) await loadAnew();
    },
  });
  const remove = useMutation({
    mutationFn: async () => base && removeProvider(base),
    onSuccess: () => {
      onKept(false);
      client.setQueryData(identityProvider.queryKey, null);
    },
    onError: (error) => {
      void notifyFailure(t('sso.remove_failed'), explain(error));
      if (isOutdated(error)) void loadAnew();
    },
  });
  const wait = useWait(save.error);
  function loadAnew() {
    // What is typed here stays, even if it was removed meanwhile.
    onKept(true);
    return client.invalidateQueries({ queryKey: identityProvider.queryKey });
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    const found = Object.fromEntries(
      REQUIRED.flatMap((name) => {
        const fault = checkFilled(session, typed[name]);
        return fault ? [[name, fault]] : [];
      }),
    );
    if (domainsOf(typed.domains).length === 0) found.domains = session('required');
    if (!provider && !typed.client_secret) found.client_secret = session('required');
    setFaults(found);
    if (Object.keys(found).length === 0) save.mutate();
  }
  function set(name: keyof Typed, value: string | boolean) {
    form.set({ [name]: value } as Partial<Typed>);
    setFaults(({ [name]: _, ...others }) => others);
    if (!save.isPending) save.reset();
  }
  const field = (name: Exclude<keyof Typed, 'enabled'>) => ({
    label: t(`sso.${name}`),
    description: t(`sso.${name}_text`),
    value: typed[name],
    error: faults[name],
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  });
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      {others.met && !save.isPending && <Changed met={others.met} onReload={others.onReload} />}
      {Object.keys(faults).length === 0 && !(others.met && isOutdated(save.error)) && (
        <Refusal error={save.error} />
      )}
      <div>
        <p className={page.text}>{t('sso.callback')}</p>
        <CopyAddress address={CALLBACK} label={t('sso.copy')} />
      </div>
      <TextInput {...field('issuer')} type="url" autoComplete="off" placeholder="https://" />
      <TextInput {...field('client_id')} autoComplete="off" />
      <PasswordInput
        {...field('client_secret')}
        description={t(provider ? 'sso.client_secret_kept' : 'sso.client_secret_text')}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': session('show_password') }}
      />
      <TextInput {...field('name')} maxLength={60} autoComplete="off" />
      <TextInput {...field('domains')} autoComplete="off" placeholder="example.com" />
      <NativeSelect
        {...field('default_role')}
        data={(['agent', 'customer'] as const).map((value) => ({
          value,
          label: common(`role.${value}`),
        }))}
      />
      <Switch
        label={t('sso.enabled')}
        checked={typed.enabled}
        onChange={(event) => set('enabled', event.currentTarget.checked)}
      />
      <div className={page.foot}>
        <Button type="submit" loading={save.isPending} disabled={wait > 0}>
          {t('sso.save')}
        </Button>
        {provider?.enabled && (
          <Button component="a" href={ssoAddress('/settings/security')} variant="default">
            {t('sso.test')}
          </Button>
        )}
        {provider && (
          <Button variant="default" loading={remove.isPending} onClick={() => setAsked(true)}>
            {t('sso.remove')}
          </Button>
        )}
        <span role="status" className={page.said}>
          {save.isSuccess && t('sso.saved')}
        </span>
      </div>
      {provider?.enabled && <p className={page.text}>{t('sso.test_text')}</p>}
      <Confirm
        opened={asked}
        title={t('sso.remove_title', { name: provider?.name })}
        text={t('sso.remove_text', { name: provider?.name })}
        submit={t('sso.remove')}
        destructive
        onConfirm={() => remove.mutate()}
        onClose={() => setAsked(false)}
      />
    </form>
  );
}

function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}
