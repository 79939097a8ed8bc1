import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useSize } from '~/ui/size';
import classes from './Attachments.module.css';
import { FileIcon } from './FileIcon';
import { FileMenu } from './FileMenu';
import { isOpen, isPicture } from './kind';
import { askFile } from './queries';
import type { Attachment } from './types';

/** A file: its small picture or what kind it is, its name and length, and what can be done with it. */
export function FileTile(props: {
  file: Attachment;
  ticket: Ticket;
  /** Looks at a picture, or saves what is none. */
  onOpen: () => void;
}) {
  const { t } = useTranslation('attachments');
  const size = useSize();
  const { file, ticket } = props;
  const { original_name: name, scan_status } = file;
  const open = isOpen(file);
  const small = useSmall(file);
  const hasSmall = small.src !== null;
  return (
    <li className={classes.tile} data-scan={scan_status}>
      <button
        type="button"
        className={classes.open}
        disabled={!open}
        title={open ? t(isPicture(file) ? 'view' : 'download', { name }) : name}
        aria-haspopup={isPicture(file) ? 'dialog' : undefined}
        onClick={props.onOpen}
      >
        <Small file={file} src={small.src} onError={small.onError} />
        <span className={classes.what}>
          {/* The picture has it for those who do not see it. */}
          <span className={classes.name} aria-hidden={hasSmall || undefined}>
            {name}
          </span>
          <span className={classes.state}>
            {scan_status === 'pending' && t('state.checking')}
            {scan_status === 'infected' && t('state.removed')}
            {open && size(file.file_size)}
          </span>
        </span>
      </button>
      <FileMenu file={file} ticket={ticket} className={classes.more} />
    </li>
  );
}

/** The small picture, or a sign of what kind of file it is. */
function Small(props: { file: Attachment; src: string | null; onError: () => void }) {
  const { original_name: name } = props.file;
  if (props.src === null) {
    return (
      <span className={classes.sign}>
        <FileIcon name={name} size={24} />
      </span>
    );
  }
  return (
    <img
      className={classes.small}
      // Of a page, the beginning says more than the middle.
      data-page={props.file.mime_type === 'application/pdf' || undefined}
      src={props.src}
      alt={name}
      width={128}
      height={96}
      loading="lazy"
      decoding="async"
      onError={props.onError}
    />
  );
}

/** Where the small picture is; an address that has run out is asked for once more. */
function useSmall(file: Attachment): { src: string | null; onError: () => void } {
  const [renewed, setRenewed] = useState<string | null | undefined>(undefined);
  const isReady = isOpen(file) && file.preview === 'ready';
  const src = renewed === undefined ? (file.preview_url ?? null) : renewed;
  const renew = async () => {
    if (renewed !== undefined) return setRenewed(null);
    const now = await askFile(file.id).catch(() => null);
    setRenewed(now?.preview_url ?? null);
  };
  return { src: isReady ? src : null, onError: () => void renew() };
}
