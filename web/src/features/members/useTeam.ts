import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Member } from '~/api/types';
import { memberList } from './queries';

const PAGE = 100;
/** A team of more than so many pages is not read to its end: nobody waits for that. */
const MOST = 20;

/** Everybody of the team: all pages, one after the other. */
export function useTeam() {
  const list = useInfiniteQuery(memberList('team', PAGE));
  const { hasNextPage, isFetching, isError, fetchNextPage } = list;
  const pages = list.data?.pages ?? [];
  const read = pages.length;
  const isDue = hasNextPage && read < MOST;
  useEffect(() => {
    // After each page anew: a quick answer begins and ends between two drawings.
    if (hasNextPage && read < MOST && !isFetching && !isError) void fetchNextPage();
  }, [read, hasNextPage, isFetching, isError, fetchNextPage]);
  const members: Member[] = pages.flatMap((one) => one.data);
  const isPart = !list.data || isDue;
  return {
    members,
    /** More of them come. */
    isPending: isPart && !isError,
    /** Why no more of them come. */
    error: isPart ? list.error : null,
    /** Whether there is nobody besides. */
    isWhole: !isPart && !hasNextPage,
    retry: () => void list.refetch(),
  };
}
