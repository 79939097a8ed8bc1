import { Button } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import page from './page.module.css';

type Rest = Pick<
  UseInfiniteQueryResult,
  'isFetchNextPageError' | 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'
>;

/** The rest of a list: what asks for it, and what is said when it does not come. */
export function More({ list, ask, failed }: { list: Rest; ask: string; failed: string }) {
  return (
    <>
      {list.isFetchNextPageError && (
        <p className={page.problem} role="alert">
          {failed}
        </p>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {ask}
        </Button>
      )}
    </>
  );
}
