import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import {
  IconAlarm,
  IconCircleCheck,
  IconHourglass,
  IconInbox,
  IconStack2,
  IconUser,
  IconUserQuestion,
} from '~/ui/icons';
import side from '~/ui/sideNav.module.css';
import { ticketCount } from '../tickets/queries';
import { useView } from '../tickets/useView';
import { filterOf, VIEWS, type View } from '../tickets/views';
import classes from './Views.module.css';

const ICONS = {
  mine: IconUser,
  unassigned: IconUserQuestion,
  open: IconInbox,
  waiting: IconHourglass,
  breaching: IconAlarm,
  resolved: IconCircleCheck,
  all: IconStack2,
} as const;

/** A number that stays readable: nobody works through them one by one beyond this. */
const CAP = 999;

/** The ways to look at the queue, each with how many tickets are in it right now. */
export function Views() {
  const { t } = useTranslation('tickets');
  return (
    <nav className={`${side.nav} ${classes.views}`} aria-label={t('views.label')}>
      <h2>{t('rail.tickets')}</h2>
      <ul>
        {VIEWS.map((view) => (
          <Entry key={view} view={view} />
        ))}
      </ul>
    </nav>
  );
}

function Entry({ view }: { view: View }) {
  const { t } = useTranslation('tickets');
  const current = useView() === view;
  const { data: count } = useQuery(ticketCount(filterOf(view)));
  const Icon = ICONS[view];
  return (
    <li>
      <Link
        to="/"
        search={{ view }}
        className={side.entry}
        aria-current={current ? 'true' : undefined}
        activeOptions={{ includeSearch: true, exact: true }}
      >
        <Icon size={18} stroke={1.75} aria-hidden="true" />
        <span>{t(`views.${view}`)}</span>
        {count !== undefined && (
          <span className={classes.count}>
            <span aria-hidden="true">{count > CAP ? `${CAP}+` : count}</span>
            <span className="visually-hidden">{t('views.count', { count })}</span>
          </span>
        )}
      </Link>
    </li>
  );
}
