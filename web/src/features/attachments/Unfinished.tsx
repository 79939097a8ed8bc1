import { Suspense, useState } from 'react';
import { UnfinishedRows } from './lazily';
import type { Files } from './useFiles';

/** Files that were on their way when the page was loaded anew, where this tab remembers any. */
export function Unfinished({ files }: { files: Files }) {
  const [mayBe] = useState(remembersAny);
  return (
    mayBe && (
      <Suspense fallback={null}>
        <UnfinishedRows key={files.place} files={files} />
      </Suspense>
    )
  );
}

function remembersAny(): boolean {
  try {
    return sessionStorage.length > 0;
  } catch {
    return false;
  }
}
