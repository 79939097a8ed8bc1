import { lazy, Suspense, useState } from 'react';
import type { Ticket } from '~/api/types';
import { picturesOf } from './kind';
import type { Attachment } from './types';

const Lightbox = lazy(() => import('./Lightbox').then((one) => ({ default: one.Lightbox })));

/** The pictures among some files, to be looked at one after the other above the page: what looks at one, and what shows it. */
export function usePictures(files: readonly Attachment[], ticket?: Ticket) {
  const [shown, setShown] = useState<number | null>(null);
  const pictures = picturesOf(files);
  const isThere = shown !== null && pictures.some(({ id }) => id === shown);
  return {
    /** Looks at a file; null for one that is no picture. */
    lookAt: (file: Attachment) => (pictures.includes(file) ? () => setShown(file.id) : null),
    lightbox: (
      <Suspense fallback={null}>
        {isThere && (
          <Lightbox
            pictures={pictures}
            shown={shown}
            ticket={ticket}
            onShow={setShown}
            onClose={() => setShown(null)}
          />
        )}
      </Suspense>
    ),
  };
}
