import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IconDownload } from '~/ui/icons';
import page from '~/ui/page.module.css';
import type { Format } from './queries';
import { useTake } from './useTake';

export const FORMATS: Format[] = ['csv', 'xlsx', 'json'];

/** All tickets that one sees, as a file. */
export function TakeButtons() {
  const { t } = useTranslation('imports');
  const take = useTake({});
  return (
    <>
      <span className={page.buttons}>
        {FORMATS.map((format) => (
          <Button
            key={format}
            variant="default"
            size="xs"
            leftSection={<IconDownload size={14} />}
            loading={take.isPending && take.variables === format}
            disabled={take.isPending}
            onClick={() => take.mutate(format)}
          >
            {t(`take.${format}`)}
          </Button>
        ))}
      </span>
      <span role="status" className={page.dim}>
        {take.isPending && t('take.pending')}
      </span>
    </>
  );
}
