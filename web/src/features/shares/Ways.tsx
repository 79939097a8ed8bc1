import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileShare } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { ByLink } from './ByLink';
import { WithColleague } from './WithColleague';

/** The two ways to share a file, one of them open. */
export function Ways(props: {
  file: number;
  /** The id of the colleague who was chosen, or nothing. */
  colleague: string;
  onColleague: (id: string) => void;
  /** Told in words who has the file now. */
  onGiven: (said: string) => void;
  onMade: (link: FileShare) => void;
}) {
  const { t } = useTranslation('files');
  const [way, setWay] = useState('colleague');
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label={t('share.way')}
        value={way}
        onChange={setWay}
        data={[
          { value: 'colleague', label: t('share.colleague') },
          { value: 'link', label: t('share.link') },
        ]}
      />
      {way === 'colleague' ? (
        <WithColleague
          file={props.file}
          colleague={props.colleague}
          onColleague={props.onColleague}
          onShared={({ member }) =>
            props.onGiven(member ? t('share.done', { name: fullName(member) }) : '')
          }
        />
      ) : (
        <ByLink file={props.file} onShared={props.onMade} />
      )}
    </>
  );
}
