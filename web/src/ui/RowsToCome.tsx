import { Skeleton } from '@mantine/core';
import page from './page.module.css';

/** Where the rows of a list will stand once they have come. */
export function RowsToCome({ label }: { label: string }) {
  return (
    <div role="status" aria-busy="true" aria-label={label} className={page.section}>
      <Skeleton height={14} width="60%" />
      <Skeleton height={14} width="45%" />
    </div>
  );
}
