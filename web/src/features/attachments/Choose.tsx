import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { acceptOf } from './accept';
import { mediaCategories } from './queries';
import type { Files } from './useFiles';

/** What a button has that chooses files. */
type Props = { onClick: () => void; onFocus: () => void; onPointerEnter: () => void };

/** The machine's own way to choose files, behind a button. */
export function Choose(props: { files: Files; children: (button: Props) => ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  // What may be chosen is asked for when somebody is about to.
  const [isNear, setIsNear] = useState(false);
  const { data } = useQuery({ ...mediaCategories, enabled: isNear });
  const near = () => setIsNear(true);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        style={{ display: 'none' }}
        accept={acceptOf(data)}
        onChange={(event) => {
          void props.files.add([...(event.currentTarget.files ?? [])]);
          // The same file can be chosen again after it was taken away.
          event.currentTarget.value = '';
        }}
      />
      {props.children({
        onClick: () => input.current?.click(),
        onFocus: near,
        onPointerEnter: near,
      })}
    </>
  );
}
