import { ActionIcon, Button, Loader, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { IconArrowLeft, IconArrowRight, IconDownload } from '~/ui/icons';
import { useFocusBack } from '~/ui/useFocusBack';
import { isStaff, usePerson } from '../session/session';
import classes from './Attachments.module.css';
import { FileMenu } from './FileMenu';
import { oneFile } from './queries';
import type { Attachment } from './types';
import { useDownload } from './useDownload';

const Details = lazy(() => import('./work').then((one) => ({ default: one.Details })));

/** Pictures large, one after the other: with the arrow keys, or the buttons beside them. */
export function Lightbox(props: {
  pictures: readonly Attachment[];
  /** The id of the one that is looked at. */
  shown: number;
  /** Whose files they are, where that is seen: it says what can be done with them. */
  ticket?: Ticket;
  onShow: (id: number) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('attachments');
  const { t: common } = useTranslation();
  const download = useDownload();
  const staff = isStaff(usePerson());
  /** Whether something stands open above it, which then has the keys. */
  const [isUnder, setIsUnder] = useState(false);
  useFocusBack();
  const isPhone = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const { pictures, onShow, ticket } = props;
  const at = Math.max(
    0,
    pictures.findIndex(({ id }) => id === props.shown),
  );
  const picture = pictures[at];
  const [earlier, later] = [pictures[at - 1]?.id, pictures[at + 1]?.id];
  useArrows({ earlier, later, onShow, off: isUnder });
  if (!picture) return null;
  return (
    <Modal
      opened
      centered
      size="min(1100px, 100%)"
      fullScreen={isPhone}
      closeOnEscape={!isUnder}
      title={picture.original_name}
      classNames={{ title: classes.title }}
      closeButtonProps={{ 'aria-label': common('close') }}
      onClose={props.onClose}
    >
      <Large key={picture.id} picture={picture} />
      <div className={classes.bar}>
        {pictures.length > 1 && (
          <Turns at={at} count={pictures.length} earlier={earlier} later={later} onShow={onShow} />
        )}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden="true" />}
          onClick={() => void download(picture)}
        >
          {t('menu.download')}
        </Button>
        {ticket && (
          <FileMenu key={picture.id} file={picture} ticket={ticket} onAbove={setIsUnder} />
        )}
      </div>
      {staff && (
        <Suspense fallback={null}>
          <Details file={picture} requester={ticket?.requester} />
        </Suspense>
      )}
    </Modal>
  );
}

/** Turns with the arrow keys. */
function useArrows(props: {
  earlier: number | undefined;
  later: number | undefined;
  onShow: (id: number) => void;
  /** Something else has the keys. */
  off: boolean;
}): void {
  const { earlier, later, onShow, off } = props;
  useEffect(() => {
    if (off) return;
    const turn = (event: KeyboardEvent) => {
      const to = { ArrowLeft: earlier, ArrowRight: later }[event.key];
      if (to !== undefined) onShow(to);
    };
    window.addEventListener('keydown', turn);
    return () => window.removeEventListener('keydown', turn);
  }, [earlier, later, onShow, off]);
}

/** Which of several pictures it is, between the ways to the others. */
function Turns(props: {
  at: number;
  count: number;
  earlier: number | undefined;
  later: number | undefined;
  onShow: (id: number) => void;
}) {
  const { t } = useTranslation('attachments');
  const { at, count, earlier, later, onShow } = props;
  return (
    <>
      <Turn
        label={t('lightbox.earlier')}
        to={earlier}
        onShow={onShow}
        icon={<IconArrowLeft size={18} />}
      />
      <span role="status" className="tabular">
        {t('lightbox.position', { at: at + 1, count })}
      </span>
      <Turn
        label={t('lightbox.later')}
        to={later}
        onShow={onShow}
        icon={<IconArrowRight size={18} />}
      />
    </>
  );
}

function Turn(props: {
  label: string;
  to: number | undefined;
  onShow: (id: number) => void;
  icon: React.ReactNode;
}) {
  const { to } = props;
  return (
    <ActionIcon
      variant="default"
      aria-label={props.label}
      title={props.label}
      // Not disabled: whoever turned to the last one keeps the focus.
      aria-disabled={to === undefined}
      data-disabled={to === undefined || undefined}
      onClick={() => to !== undefined && props.onShow(to)}
    >
      {props.icon}
    </ActionIcon>
  );
}

/** The picture itself, or why it is not to be seen. */
function Large({ picture }: { picture: Attachment }) {
  const { t } = useTranslation('attachments');
  const { t: common } = useTranslation();
  const explain = useExplain();
  const file = useQuery(oneFile(picture.id));
  const [isBroken, setIsBroken] = useState(false);
  const url = file.data?.url;
  const why = file.isError ? explain(file.error) : t('lightbox.failed');
  if (file.isError || isBroken || (file.data && !url)) {
    return (
      <div className={classes.large} role="alert">
        <p>{why}</p>
        <Button
          size="xs"
          variant="default"
          loading={file.isFetching}
          onClick={() => void file.refetch().then(() => setIsBroken(false))}
        >
          {common('retry')}
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.large}>
      {url ? (
        <img src={url} alt={picture.original_name} onError={() => setIsBroken(true)} />
      ) : (
        <Loader aria-label={common('loading')} />
      )}
    </div>
  );
}
