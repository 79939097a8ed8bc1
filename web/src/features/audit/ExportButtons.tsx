import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import { IconDownload } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import type { Filters } from './filters';
import { exportLog, type Format } from './queries';

/** The log as a file, with the filters that are set. */
export function ExportButtons({ filters }: { filters: Filters }) {
  const { t } = useTranslation('audit');
  const explain = useExplain();
  const take = useMutation({
    mutationFn: (format: Format) => exportLog(filters, format),
    onError: (error) => void notifyFailure(t('export_failed'), explain(error)),
  });
  return (
    <span className={page.buttons}>
      {(['csv', 'jsonl'] as const).map((format) => (
        <Button
          key={format}
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          loading={take.isPending && take.variables === format}
          disabled={take.isPending}
          onClick={() => take.mutate(format)}
        >
          {t(`export_${format}`)}
        </Button>
      ))}
    </span>
  );
}
