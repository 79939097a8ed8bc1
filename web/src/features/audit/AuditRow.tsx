import { Button } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '~/api/types';
import { IconChevronDown, IconChevronRight } from '~/ui/icons';
import { fullTime } from '~/ui/time';
import classes from './Audit.module.css';
import { linesOf } from './diff';

/** What is told of one thing that was done: the trails of an organisation and of the platform have this in common. */
type Told = Partial<AuditEntry> &
  Pick<AuditEntry, 'at' | 'actor' | 'action' | 'resource' | 'changes'>;

/** One thing that was done or refused; what is behind it opens below. */
export function AuditRow(props: { entry: Told; onPerson?: (id: number) => void }) {
  const { entry, onPerson } = props;
  const { t, i18n } = useTranslation('audit');
  const [open, setOpen] = useState(false);
  const id = useId();
  const who = useActor()(entry);
  const failed = entry.outcome === 'error';
  return (
    <li>
      <button
        type="button"
        className={classes.entry}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {open ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
        <time dateTime={entry.at}>{fullTime(entry.at, i18n.language)}</time>
        <span className={classes.who}>{who}</span>
        <span className={classes.what}>
          <strong>{entry.action}</strong> <span className={classes.resource}>{entry.resource}</span>
        </span>
        {failed && (
          <span className={classes.failed}>{t('refused', { status: entry.status ?? '' })}</span>
        )}
      </button>
      <div id={id} hidden={!open} className={classes.details}>
        {open && <Details entry={entry} onPerson={onPerson} />}
      </div>
    </li>
  );
}

function Details({ entry, onPerson }: { entry: Told; onPerson?: (id: number) => void }) {
  const { t } = useTranslation('audit');
  const lines = linesOf(entry.changes);
  const { ip, user_agent, request_id, code, duration_ms } = entry;
  const person = entry.actor.kind === 'person' ? entry.actor.id : null;
  const facts = [
    ['number', person],
    ['ip', ip],
    ['user_agent', user_agent],
    ['request_id', request_id],
    ['code', code],
    ['duration', typeof duration_ms === 'number' ? `${duration_ms} ms` : null],
  ] as const;
  return (
    <>
      {lines.length > 0 && (
        <table className={classes.diff}>
          <thead>
            <tr>
              <th scope="col">{t('field')}</th>
              <th scope="col">{t('before')}</th>
              <th scope="col">{t('after')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ field, before, after }) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td className={classes.before}>{before ?? '–'}</td>
                <td className={classes.after}>{after ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <dl className={classes.facts}>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{t(`fact.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {person && onPerson && (
        <Button size="xs" variant="default" mt="xs" onClick={() => onPerson(person)}>
          {t('only')}
        </Button>
      )}
    </>
  );
}

/** Who did it, in words. */
function useActor(): (entry: Told) => string {
  const { t } = useTranslation('audit');
  return ({ actor }) => {
    const { kind, id, key } = actor;
    if (kind === 'anonymous') return t('anonymous');
    if (kind === 'system') return t('system', { name: actor.name ?? '' });
    if (kind === 'operator') return t('operator', { id: id ?? '' });
    // A newer server may know somebody else who acts; they are no person with a number.
    if (kind !== 'person') return actor.name ?? t('unknown');
    const name = actor.name ?? t('person', { id: id ?? '' });
    return key ? t('by_key', { name, key }) : name;
  };
}
