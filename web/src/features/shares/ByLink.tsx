import { Button, NativeSelect } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileShare } from '~/api/types';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { Refusal } from '../session/Refusal';
import { HOURS, type Hours } from './standing';
import { useShare } from './useShare';

/** Makes a link to a file that ends by itself. */
export function ByLink(props: { file: number; onShared: (share: FileShare) => void }) {
  const { t } = useTranslation('files');
  const explain = useExplain();
  const [hours, setHours] = useState<Hours>(168);
  const share = useShare(props.file, props.onShared);
  function submit(event: FormEvent) {
    event.preventDefault();
    share.mutate({ expires_in_hours: hours });
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <Refusal error={share.error} says={share.error && explain(share.error, 'share_link')} />
      <NativeSelect
        label={t('share.for')}
        description={t('share.for_text')}
        value={String(hours)}
        onChange={(event) => setHours(Number(event.currentTarget.value) as Hours)}
        data={HOURS.map((one) => ({ value: String(one), label: t(`share.hours_${one}`) }))}
      />
      <div className={page.foot}>
        <Button type="submit" loading={share.isPending}>
          {t('share.make')}
        </Button>
      </div>
    </form>
  );
}
