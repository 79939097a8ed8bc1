import { Alert, Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, isOverQuota } from '~/api/problem';
import type { Role } from '~/api/types';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { QuotaRefusal } from '../plan/QuotaRefusal';
import { checkEmail, fieldErrors } from '../session/fields';
import { ProveFirst } from '../session/ProveFirst';
import { useInvite } from './changes';
import classes from './Members.module.css';
import { ROLES } from './RoleMenu';

/** Asks a colleague in: an address, a role, one button. It is ready for the next one at once. */
export function InviteForm({ onDone }: { onDone: (said: string) => void }) {
  const { t } = useTranslation('settings');
  const { t: common } = useTranslation();
  const { t: session } = useTranslation('session');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [fault, setFault] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const invite = useInvite();

  function submit(event: FormEvent) {
    event.preventDefault();
    const address = email.trim();
    const wrong = checkEmail(session, address);
    setFault(wrong);
    if (wrong) return field.current?.focus();
    invite.mutate(
      { email: address, role },
      {
        onSuccess: () => {
          onDone(t('invite.sent', { email: address }));
          setEmail('');
          field.current?.focus();
        },
        onError: (error) => {
          const at = fieldErrors(session, error).email;
          const member = error instanceof ApiError && error.status === 409;
          setFault(at ?? (member ? t('invite.member', { email: address }) : null));
        },
      },
    );
  }
  return (
    <form className={`${page.card} ${classes.invite}`} noValidate onSubmit={submit}>
      <h2 className={page.heading}>{t('invite.title')}</h2>
      {invite.isError && !fault && <Refused error={invite.error} />}
      <div className={classes.fields}>
        <TextInput
          ref={field}
          className={classes.email}
          label={t('invite.email')}
          type="email"
          autoComplete="off"
          value={email}
          error={fault}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
            setFault(null);
          }}
        />
        <NativeSelect
          label={t('invite.role')}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
          data={ROLES.filter((one) => one !== 'customer').map((one) => ({
            value: one,
            label: common(`role.${one}`),
          }))}
        />
        <Button type="submit" loading={invite.isPending}>
          {t('invite.submit')}
        </Button>
      </div>
      <p className={classes.dim}>{t(`people.role_text.${role}`)}</p>
    </form>
  );
}

/** Why nobody was asked in. An address of one's own that is not confirmed can be helped here. */
function Refused({ error }: { error: Error }) {
  const { t } = useTranslation('settings');
  const explain = useExplain();
  if (isOverQuota(error)) return <QuotaRefusal error={error} />;
  const unverified = error instanceof ApiError && error.code === 'email_not_verified';
  if (!unverified) {
    return (
      <Alert color="red" variant="light" role="alert">
        {explain(error)}
      </Alert>
    );
  }
  return <ProveFirst>{t('invite.verify_first')}</ProveFirst>;
}
