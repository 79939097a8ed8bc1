import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf, site } from '~/app/site';
import { useExplain } from '~/ui/explain';
import { DoorFrame } from '../session/DoorFrame';
import frame from '../session/DoorFrame.module.css';
import { statusOf } from '../tenant/status';
import { slugFault } from './slug';

/** For those who have a helpdesk and forgot its address but not its name. */
export function FindPage() {
  const { t } = useTranslation('signup');
  const explain = useExplain();
  const [slug, setSlug] = useState('');
  const find = useMutation({
    mutationFn: async (wanted: string) => {
      const known = slugFault(wanted) === null && (await statusOf(wanted)) !== null;
      if (known) window.location.assign(`//${addressOf(wanted, site)}/login`);
      return known;
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    find.mutate(slug.trim());
  }
  return (
    <DoorFrame title={t('find.title')}>
      <form className={frame.form} noValidate onSubmit={submit}>
        <TextInput
          label={t('address')}
          autoFocus
          spellCheck={false}
          autoCapitalize="none"
          value={slug}
          onChange={(event) => {
            setSlug(event.currentTarget.value.toLowerCase());
            find.reset();
          }}
          error={find.isError ? explain(find.error) : find.data === false ? t('find.none') : null}
          rightSection={`.${site.domain}`}
          rightSectionWidth={`${site.domain.length + 3}ch`}
          rightSectionPointerEvents="none"
        />
        <Button type="submit" fullWidth loading={find.isPending}>
          {t('find.submit')}
        </Button>
      </form>
      <p className={frame.foot}>
        <Link to="/signup">{t('find.new')}</Link>
      </p>
    </DoorFrame>
  );
}
