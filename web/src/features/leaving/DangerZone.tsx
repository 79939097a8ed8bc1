import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TenantSettings } from '~/api/types';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { Refusal } from '../session/Refusal';
import { ask } from './queries';

/** The end of the organisation, at the end of its page. */
export function DangerZone({ tenant }: { tenant: TenantSettings }) {
  const { t } = useTranslation('leaving');
  const { t: app } = useTranslation();
  const [asked, setAsked] = useState(false);
  return (
    <Section id="danger" title={t('zone.title')} text={t('zone.text')}>
      <div className={page.foot}>
        <Button variant="outline" color="var(--hd-bad)" onClick={() => setAsked(true)}>
          {t('zone.open')}
        </Button>
        <Link to="/settings/exports">{t('zone.export')}</Link>
      </div>
      <Modal
        opened={asked}
        onClose={() => setAsked(false)}
        title={t('zone.dialog', { organisation: tenant.organisation })}
        closeButtonProps={{ 'aria-label': app('close') }}
      >
        <Typed tenant={tenant} onCancel={() => setAsked(false)} />
      </Modal>
    </Section>
  );
}

/** Nobody deletes an organisation by a slip of the hand: its address is typed once more. */
function Typed({ tenant, onCancel }: { tenant: TenantSettings; onCancel: () => void }) {
  const { t } = useTranslation('leaving');
  const { t: app } = useTranslation();
  const [slug, setSlug] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const begin = useMutation({ mutationFn: () => ask(slug.trim()) });
  function submit(event: FormEvent) {
    event.preventDefault();
    const fits = slug.trim() === tenant.slug;
    setFault(fits ? null : t('zone.mismatch'));
    if (fits) begin.mutate();
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p style={{ margin: 0 }}>{t('zone.warning')}</p>
      <Refusal error={begin.error} />
      <TextInput
        label={t('zone.label', { slug: tenant.slug })}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
        value={slug}
        error={fault}
        onChange={(event) => {
          setSlug(event.currentTarget.value);
          setFault(null);
        }}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          {app('cancel')}
        </Button>
        <Button type="submit" color="red.8" loading={begin.isPending}>
          {t('zone.submit', { organisation: tenant.organisation })}
        </Button>
      </Group>
    </form>
  );
}
