import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Export } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { IconDownload } from '~/ui/icons';
import { Mark, type Tone } from '~/ui/Mark';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { useSize } from '~/ui/size';
import { fullTime } from '~/ui/time';
import { usePerson } from '../session/session';
import { exportList, takeExport } from './queries';

const TONES: Record<string, Tone> = {
  making: 'busy',
  ready: 'good',
  failed: 'bad',
  expired: 'still',
};

/** One export: when it was asked for, how far it is, and the archive while it is there. */
export function ExportRow({ archive }: { archive: Export }) {
  const { t, i18n } = useTranslation('exports');
  const size = useSize();
  const take = useTake(archive);
  const { status, asked_at, expires_at } = archive;
  const bytes = typeof archive.size === 'number' ? size(archive.size) : null;
  const time = (at: string) => fullTime(at, i18n.language);
  const known = status in TONES ? (status as 'ready') : null;
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>{t('of', { time: time(asked_at) })}</span>
        <span>
          <Mark tone={TONES[status] ?? 'still'}>{known ? t(`status.${known}`) : status}</Mark>
        </span>
        {status === 'ready' && (
          <span className={page.dim}>
            {bytes && `${bytes} · `}
            {expires_at && t('until', { time: time(expires_at) })}
          </span>
        )}
        {status === 'failed' && <span className={page.dim}>{t('failed_text')}</span>}
        <span role="status" className={page.dim}>
          {take.isPending && (bytes ? t('taking_size', { size: bytes }) : t('taking'))}
        </span>
      </span>
      {status === 'ready' && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          loading={take.isPending}
          aria-label={t('take_label', { time: time(asked_at) })}
          onClick={() => take.mutate()}
        >
          {t('take')}
        </Button>
      )}
    </li>
  );
}

/** Hands the archive over. */
function useTake(archive: Export) {
  const { t } = useTranslation('exports');
  const explain = useExplain();
  const client = useQueryClient();
  const { slug } = usePerson().tenant;
  return useMutation({
    mutationFn: () => takeExport(archive, slug),
    onError: (error) => {
      void notifyFailure(t('take_failed'), explain(error));
      // It may be over.
      void client.invalidateQueries({ queryKey: exportList.queryKey });
    },
  });
}
