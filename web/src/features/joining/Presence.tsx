import { useTranslation } from 'react-i18next';
import { fullName, Initials } from '~/ui/Initials';
import classes from './Presence.module.css';
import { usePresence } from './usePresence';

/** Colleagues who are at the ticket just now, and who of them is writing. */
export function Presence({ ticketId }: { ticketId: number }) {
  const { t } = useTranslation('merging');
  const others = usePresence(ticketId);
  return (
    <div role="status">
      {others.length > 0 && (
        <ul className={classes.people} aria-label={t('presence.label')}>
          {others.map((person) => {
            const typing = person.state === 'typing';
            const said = t(typing ? 'presence.typing' : 'presence.viewing', {
              name: fullName(person),
            });
            return (
              <li key={person.id} className={classes.person} title={said}>
                <Initials person={person} size={24} />
                <span className={typing ? undefined : 'visually-hidden'}>{said}</span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
