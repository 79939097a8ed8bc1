import { Modal } from '@mantine/core';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileShare } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import page from '~/ui/page.module.css';
import { useHold } from '~/ui/useHold';
import type { Attachment } from '../attachments/types';
import { NewLink } from './NewLink';
import { ShareRows } from './ShareRows';
import classes from './Shares.module.css';
import { Ways } from './Ways';

/** Shares one file, with a colleague or by a link, and says with whom it is shared already. */
export function ShareDialog({ file, onClose }: { file: Attachment; onClose: () => void }) {
  const { t } = useTranslation(['files', 'arrange']);
  const { t: common } = useTranslation();
  const [colleague, setColleague] = useState('');
  const [link, setLink] = useState<FileShare | null>(null);
  const [copied, setCopied] = useState(false);
  const [said, setSaid] = useState('');
  const [asking, setAsking] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const uncopied = link !== null && !copied;
  const dirty = uncopied || colleague !== '';
  useHold(useCallback(() => dirty, [dirty]));
  const words = uncopied ? 'files:leave' : 'arrange:leave';
  function made(share: FileShare) {
    setLink(share);
    setCopied(false);
    setSaid('');
  }
  return (
    <Modal
      opened
      size="lg"
      title={t('share.title', { name: file.original_name })}
      classNames={{ title: classes.title }}
      // What stands above it is closed first.
      closeOnEscape={!leaving && !asking}
      closeOnClickOutside={!dirty}
      closeButtonProps={{ 'aria-label': common('close') }}
      onClose={() => (dirty ? setLeaving(true) : onClose())}
    >
      <div className={page.form}>
        <Ways
          file={file.id}
          colleague={colleague}
          onColleague={setColleague}
          onGiven={setSaid}
          onMade={made}
        />
        {link && <NewLink key={link.id} share={link} onCopied={() => setCopied(true)} />}
        <ShareRows
          file={file.id}
          said={said}
          onSaid={setSaid}
          onRevoked={(id) => id === link?.id && setLink(null)}
          onAsking={setAsking}
        />
      </div>
      {leaving && (
        <Confirm
          opened
          destructive
          title={t(`${words}.title`)}
          text={t(`${words}.text`)}
          submit={t(`${words}.submit`)}
          stay={t(`${words}.stay`)}
          onConfirm={onClose}
          onClose={() => setLeaving(false)}
        />
      )}
    </Modal>
  );
}
