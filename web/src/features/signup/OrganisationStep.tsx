import { Button, Loader, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf, site } from '~/app/site';
import { IconCheck } from '~/ui/icons';
import frame from '../session/DoorFrame.module.css';
import { useAvailability } from '../tenant/status';
import classes from './signup.module.css';
import { proposeSlug, slugFault } from './slug';

export type Organisation = { organisation: string; slug: string };

/** Long enough not to ask for every letter, short enough to feel immediate. */
const PAUSE_MS = 300;

/** The organisation's name, and an address that follows it until somebody edits the address. */
export function OrganisationStep(props: {
  initial: Organisation;
  /** An address that the server would not give, and why. */
  refused: { slug: string; why: string } | null;
  onDone: (organisation: Organisation) => void;
}) {
  const { t } = useTranslation('signup');
  const { t: common } = useTranslation();
  const { t: session } = useTranslation('session');
  const [organisation, setOrganisation] = useState(props.initial.organisation);
  const [edited, setEdited] = useState<string | null>(props.initial.slug || null);
  const [tried, setTried] = useState(false);
  const slug = edited ?? proposeSlug(organisation);
  const fault = slugFault(slug);
  const [settled] = useDebouncedValue(fault ? null : slug, PAUSE_MS);
  const current = settled === slug;
  const availability = useAvailability(settled);
  const shown = fault ? null : current ? availability : 'checking';

  const refused = props.refused?.slug === slug ? props.refused.why : null;
  const refusal =
    refused ??
    (shown === 'taken' ? t('taken') : shown === 'reserved' ? session('field.reserved') : null);

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!organisation.trim() || fault || refusal || shown === 'checking') return;
    props.onDone({ organisation: organisation.trim(), slug });
  }

  const showFault = fault !== null && (tried || slug !== '');
  return (
    <form className={frame.form} noValidate onSubmit={submit}>
      <TextInput
        label={t('organisation')}
        autoComplete="organization"
        autoFocus={props.refused === null}
        maxLength={255}
        value={organisation}
        error={tried && !organisation.trim() ? session('required') : null}
        onChange={(event) => setOrganisation(event.currentTarget.value)}
      />
      <TextInput
        label={t('address')}
        description={t('address_hint')}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        value={slug}
        autoFocus={props.refused !== null}
        error={showFault ? t(`slug.${fault}`) : refusal}
        onChange={(event) => setEdited(event.currentTarget.value.toLowerCase())}
        rightSection={<Mark shown={refusal ? null : shown} />}
      />
      <div className={classes.preview}>
        <span>{t('preview')}</span>
        <strong>{addressOf(slug || '…', site)}</strong>
        <span role="status" data-state={shown ?? undefined}>
          {shown === 'free' && !refusal && t('free')}
          {shown === 'checking' && t('checking')}
          {shown === 'unknown' && t('unknown')}
        </span>
      </div>
      <Button type="submit" fullWidth>
        {common('continue')}
      </Button>
    </form>
  );
}

function Mark({ shown }: { shown: string | null }) {
  if (shown === 'checking') return <Loader size={14} />;
  return shown === 'free' ? <IconCheck size={16} color="var(--hd-good)" /> : null;
}
