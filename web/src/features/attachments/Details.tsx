import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Party } from '~/api/types';
import { type Fact, Facts } from '~/ui/Facts';
import { fullName } from '~/ui/Initials';
import { IconCheck, IconCopy } from '~/ui/icons';
import { useSize } from '~/ui/size';
import { fullTime } from '~/ui/time';
import { agentList } from '../tickets/queries';
import classes from './Attachments.module.css';
import { cameraOf, exposureOf, takenAt } from './exif';
import { oneFile } from './queries';
import type { Attachment } from './types';

type Props = {
  file: Attachment;
  /** Whose ticket it is, where that is seen. */
  requester?: Party;
};

/** What is known of a file, folded in until somebody asks. */
export function Details({ file, requester }: Props) {
  const { t } = useTranslation('files');
  return (
    <details
      className={classes.details}
      onToggle={({ currentTarget }) =>
        currentTarget.open && currentTarget.scrollIntoView({ block: 'nearest' })
      }
    >
      <summary>{t('details.title')}</summary>
      <Known file={file} requester={requester} />
      <Camera file={file} />
    </details>
  );
}

function Known({ file, requester }: Props) {
  const { t, i18n } = useTranslation('files');
  const size = useSize();
  const { data: agents } = useQuery(agentList);
  const sender = [...(agents ?? []), requester].find((one) => one?.id === file.uploaded_by);
  const time = fullTime(file.created_at, i18n.language);
  const facts: Fact[] = [
    [t('details.name'), file.original_name],
    [t('details.type'), file.mime_type],
    [t('details.size'), size(file.file_size)],
  ];
  if (file.width && file.height) {
    facts.push([t('details.measures'), `${file.width} × ${file.height}`]);
  }
  facts.push(
    [t('details.sent'), sender ? t('details.sent_by', { time, name: fullName(sender) }) : time],
    ['SHA-256', <Sum key="sum" sum={file.sha256} />],
  );
  return <Facts facts={facts} />;
}

/** What its camera has written into it. */
function Camera({ file }: { file: Attachment }) {
  const { t, i18n } = useTranslation('files');
  const { t: common } = useTranslation();
  const one = useQuery(oneFile(file.id));
  if (!one.data) {
    // Why it does not come stands in the place of the picture.
    return one.isError ? null : <p className={classes.none}>{common('loading')}</p>;
  }
  const { exif } = one.data;
  if (!exif) return <p className={classes.none}>{t('details.no_exif')}</p>;
  const said: [string, string | null][] = [
    [t('details.camera'), cameraOf(exif)],
    [t('details.taken'), takenAt(exif, i18n.language)],
    [t('details.exposure'), exposureOf(exif, i18n.language)],
    [t('details.place'), exif.has_location ? t('details.place_kept') : null],
  ];
  return <Facts facts={said.filter(([, value]) => value !== null)} />;
}

function Sum({ sum }: { sum: string }) {
  const { t } = useTranslation('files');
  const { t: common } = useTranslation();
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <span className={classes.sum}>
      <code>{sum}</code>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t('details.copy')}
        title={t('details.copy')}
        onClick={() => clipboard.copy(sum)}
      >
        {clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      </ActionIcon>
      <span role="status" className="visually-hidden">
        {clipboard.copied && common('copied')}
      </span>
    </span>
  );
}
