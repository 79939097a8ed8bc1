import { TakeMenu } from '../imports/TakeMenu';
import { SortMenu } from './SortMenu';
import type { Queue } from './useQueue';
import { ViewActions } from './ViewActions';

/** What can be done with the list that is shown as a whole. */
export function ListActions({ queue }: { queue: Queue }) {
  return (
    <>
      {queue.filter && <TakeMenu filter={queue.filter} />}
      {queue.saved && <ViewActions view={queue.saved} narrowing={queue.narrowing} />}
      {queue.filter && <SortMenu search={queue.search} />}
    </>
  );
}
