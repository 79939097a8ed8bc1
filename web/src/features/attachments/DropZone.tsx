import { type DragEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconPaperclip } from '~/ui/icons';
import classes from './Attachments.module.css';
import { carriesFiles, pastedFiles } from './accept';

/** Takes files that are dropped or pasted anywhere in it. Choosing them by a button does the same. */
export function DropZone(props: {
  onFiles: (files: File[]) => void;
  /** What is dropped is not taken. */
  off?: boolean;
  className?: string;
  children: ReactNode;
}) {
  const { t } = useTranslation('attachments');
  const [isOver, setIsOver] = useState(false);
  if (props.off) return <div className={props.className}>{props.children}</div>;
  const over = (event: DragEvent) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    setIsOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button with the paper clip does the same
    <div
      className={`${classes.zone} ${props.className ?? ''}`}
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={(event) => {
        // Going on to what lies inside is no leaving.
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false);
      }}
      onDrop={(event) => {
        setIsOver(false);
        if (!carriesFiles(event.dataTransfer)) return;
        event.preventDefault();
        props.onFiles([...event.dataTransfer.files]);
      }}
      onPaste={(event) => {
        const files = pastedFiles(event.clipboardData);
        if (files.length === 0) return;
        event.preventDefault();
        props.onFiles(files);
      }}
    >
      {props.children}
      {isOver && (
        <div className={classes.over} aria-hidden="true">
          <IconPaperclip size={28} stroke={1.5} />
          {t('drop')}
        </div>
      )}
    </div>
  );
}
