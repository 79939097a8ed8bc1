import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tenant } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { TypedConfirm } from '../ui/TypedConfirm';
import { Migrate } from './Migrate';
import { Move } from './Move';
import { hasData, type Turn, turnsFrom } from './status';
import { useTurn } from './turn';

type Props = { tenant: Tenant; onDone: (text: string) => void };

/** What can be done with a tenant from where it stands. Each asks first, and says what it will do. */
export function TenantActions({ tenant, onDone }: Props) {
  const { t } = useTranslation('operator');
  const turns = turnsFrom(tenant.status);
  return (
    <Section id="tenant-actions" title={t('tenant.actions')} text={t('tenant.actions_text')}>
      {turns.length === 0 ? (
        <p className={page.text}>{t('tenant.no_actions')}</p>
      ) : (
        <div className={page.buttons}>
          <Turns tenant={tenant} turns={turns} onDone={onDone}>
            {hasData(tenant.status) && (
              <>
                <Move tenant={tenant} onDone={onDone} />
                <Migrate tenant={tenant} />
              </>
            )}
          </Turns>
        </div>
      )}
    </Section>
  );
}

function Turns({
  tenant,
  turns,
  onDone,
  children,
}: Props & { turns: Turn[]; children: React.ReactNode }) {
  const { t } = useTranslation('operator');
  const [asked, setAsked] = useState(false);
  // While the question goes away, it keeps its words.
  const [last, setLast] = useState<Turn>('suspend');
  const names = { name: tenant.organisation, slug: tenant.slug };
  const turn = useTurn(tenant, (done) => onDone(t(`tenant.done.${done}`, names)));
  function ask(next: Turn) {
    setLast(next);
    setAsked(true);
  }
  const button = (one: Turn) => (
    <Button
      key={one}
      variant="default"
      c={one === 'delete' ? 'var(--hd-bad)' : undefined}
      loading={turn.isPending && turn.variables === one}
      disabled={turn.isPending}
      onClick={() => ask(one)}
    >
      {t(`tenant.act.${one}`)}
    </Button>
  );
  const question = {
    title: t(`tenant.ask.${last}`, names),
    text: t(`tenant.ask_text.${last}`, names),
    submit: t(`tenant.submit.${last}`, names),
    destructive: last === 'suspend' || last === 'delete',
    onConfirm: () => turn.mutate(last),
    onClose: () => setAsked(false),
  };
  return (
    <>
      {turns.filter((one) => one !== 'delete').map(button)}
      {children}
      {turns.includes('delete') && button('delete')}
      <Confirm {...question} opened={asked && last !== 'delete'} />
      <TypedConfirm {...question} opened={asked && last === 'delete'} name={tenant.slug} />
    </>
  );
}
