import { ActionIcon, Menu } from '@mantine/core';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { IconDots } from '~/ui/icons';
import { usePerson } from '../session/session';
import { type Doing, doingsOf } from './doings';
import type { Attachment } from './types';
import { useDownload } from './useDownload';
import { useRemove } from './useRemove';

/** What staff do with a file, fetched with the first of it. */
const work = () => import('./work');
const Accesses = lazy(() => work().then((one) => ({ default: one.Accesses })));
const RefuseDialog = lazy(() => work().then((one) => ({ default: one.RefuseDialog })));
const ShareDialog = lazy(() => work().then((one) => ({ default: one.ShareDialog })));

/** Everything that can be done with a file, behind three dots; what asks for more opens above the page. */
export function FileMenu(props: {
  file: Attachment;
  ticket: Ticket;
  className?: string;
  /** Told whether something stands open above the page. */
  onAbove?: (isAbove: boolean) => void;
}) {
  const { t } = useTranslation('attachments');
  const { file, ticket, onAbove } = props;
  const button = useRef<HTMLButtonElement>(null);
  const download = useDownload();
  const [doing, setDoing] = useState<Doing | null>(null);
  const doings = doingsOf(file, usePerson(), ticket);
  function choose(chosen: Doing) {
    if (chosen === 'download') return void download(file);
    setDoing(chosen);
    onAbove?.(true);
  }
  function close() {
    setDoing(null);
    onAbove?.(false);
    button.current?.focus();
  }
  if (doings.length === 0) return null;
  const label = t('more', { name: file.original_name });
  return (
    <>
      <Menu position="bottom-end" returnFocus>
        <Menu.Target>
          <ActionIcon
            ref={button}
            className={props.className}
            variant="default"
            size="sm"
            aria-label={label}
            title={label}
          >
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {doings.map(({ id, Icon }) => (
            <Menu.Item key={id} leftSection={<Icon size={16} />} onClick={() => choose(id)}>
              {t(`menu.${id}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Suspense fallback={null}>
        {doing === 'share' && <ShareDialog file={file} onClose={close} />}
        {doing === 'refuse' && <RefuseDialog file={file} onClose={close} />}
        {doing === 'accesses' && <Accesses file={file} onClose={close} />}
      </Suspense>
      {doing === 'remove' && <Remove file={file} onClose={close} />}
    </>
  );
}

function Remove({ file, onClose }: { file: Attachment; onClose: () => void }) {
  const { t } = useTranslation('attachments');
  const remove = useRemove();
  const name = file.original_name;
  return (
    <Confirm
      opened
      destructive
      title={t('remove_title', { name })}
      text={t('remove_text')}
      submit={t('remove', { name })}
      onConfirm={() => remove.mutate(file)}
      onClose={onClose}
    />
  );
}
