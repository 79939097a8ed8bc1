import { Button, Table } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Import, LineProblem } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { IconDownload } from '~/ui/icons';
import { Mark } from '~/ui/Mark';
import { More } from '~/ui/More';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import classes from './Imports.module.css';
import { importErrors, takeErrors } from './queries';

/** What is wrong with which line, and the same as a table to work through. */
export function Errors({ of }: { of: Import }) {
  const { t } = useTranslation('imports');
  const list = useInfiniteQuery(importErrors(of));
  const rows = list.data?.pages.flatMap((one) => one.data) ?? [];
  if (list.isError && !list.data)
    return (
      <ErrorState
        title={t('errors.failed')}
        error={list.error}
        onRetry={() => void list.refetch()}
      />
    );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className={classes.scrolls} tabIndex={0}>
        <Table aria-label={t('errors.label', { name: of.file_name })}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('errors.line')}</Table.Th>
              <Table.Th>{t('errors.kind')}</Table.Th>
              <Table.Th>{t('errors.field')}</Table.Th>
              <Table.Th>{t('errors.message')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </Table.Tbody>
        </Table>
        <More list={list} ask={t('errors.more')} failed={t('errors.failed')} />
      </div>
      <Take of={of} />
    </>
  );
}

const CODES = [
  'required',
  'too_long',
  'invalid',
  'invalid_email',
  'unknown_value',
  'unknown_field',
  'out_of_range',
  'duplicate',
  'here_already',
  'encoding',
  'quota_exceeded',
  'left_out',
  'changed',
] as const;

function Row({ row }: { row: LineProblem }) {
  const { t } = useTranslation('imports');
  const known = CODES.find((code) => code === row.code);
  return (
    <Table.Tr>
      <Table.Td className="tabular">{row.line}</Table.Td>
      <Table.Td>
        <Mark tone={row.is_warning ? 'near' : 'bad'}>
          {t(row.is_warning ? 'errors.warning' : 'errors.error')}
        </Mark>
      </Table.Td>
      <Table.Td>{row.field || t('errors.whole')}</Table.Td>
      {/* The server's own sentence says more, in English. */}
      <Table.Td title={row.message}>{known ? t(`code.${known}`) : row.message}</Table.Td>
    </Table.Tr>
  );
}

function Take({ of }: { of: Import }) {
  const { t } = useTranslation('imports');
  const explain = useExplain();
  const take = useMutation({
    mutationFn: () => takeErrors(of),
    onError: (error) => void notifyFailure(t('errors.take_failed'), explain(error)),
  });
  return (
    <div className={page.foot}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconDownload size={14} />}
        loading={take.isPending}
        onClick={() => take.mutate()}
      >
        {t('errors.take')}
      </Button>
    </div>
  );
}
