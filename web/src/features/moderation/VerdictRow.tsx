import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { fullName } from '~/ui/Initials';
import { Mark, type Tone } from '~/ui/Mark';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { RowActions } from '../arrange/RowActions';
import { agentList } from '../tickets/queries';
import { shortHash } from './digest';
import classes from './Moderation.module.css';
import { forget, verdictKeys } from './queries';
import type { ModerationHash, Verdict } from './types';

const TONES: Record<Verdict, Tone> = { rejected: 'bad', approved: 'good', pending: 'near' };

/** One judged content: what was said of it, why, by whom and when, and what can be done about it. */
export function VerdictRow(props: {
  hash: ModerationHash;
  onEdit: () => void;
  onGone: (name: string) => void;
}) {
  const { t } = useTranslation('moderation');
  const { hash, onEdit, onGone } = props;
  const { sha256, status, note, has_likeness, updated_at } = hash;
  const name = shortHash(sha256);
  const who = useName(hash.updated_by);
  return (
    <li>
      <span className={`${page.names} ${classes.names}`}>
        <code>{sha256}</code>
        <Mark tone={TONES[status]}>{t(`status.${status}`)}</Mark>
        {note && <span>{note}</span>}
        <span className={page.dim}>
          {has_likeness && status === 'rejected' && `${t('likeness')} · `}
          {t('by', { name: who })} · <RelativeTime at={updated_at} />
        </span>
      </span>
      <RowActions
        name={name}
        text={t('remove_text')}
        place={undefined}
        onEdit={onEdit}
        remove={() => forget(hash).then(() => onGone(name))}
        lists={[verdictKeys]}
      />
    </li>
  );
}

/** How a colleague is called. */
function useName(id: number): string {
  const { t } = useTranslation('arrange');
  const { data: agents } = useQuery(agentList);
  if (!agents) return '…';
  const agent = agents.find((one) => one.id === id);
  return agent ? fullName(agent) : t('gone.agent', { id });
}
