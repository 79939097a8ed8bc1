import { ActionIcon, Switch, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Member, Role } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { fullName, Initials } from '~/ui/Initials';
import { IconTrash } from '~/ui/icons';
import { dateOnly, fullTime } from '~/ui/time';
import { isStaff, usePerson } from '../session/session';
import { type Done, type Fate, useFate } from './changes';
import classes from './Members.module.css';
import { RoleMenu } from './RoleMenu';

/** Roles that are not given with a single press: one opens everything, the other closes the console. */
const ASKED: Role[] = ['admin', 'customer'];

/** One member: who, as what, since when, and what an admin can make of them. */
export function MemberRow({ member, onDone }: { member: Member; onDone: Done }) {
  const { t, i18n } = useTranslation('settings');
  const { t: common } = useTranslation();
  const self = usePerson().id === member.id;
  const [asked, setAsked] = useState<Fate | null>(null);
  const fate = useFate(member, onDone);
  const who = { name: fullName(member), email: member.email };
  const question = asked?.kind === 'role' ? (asked.role as 'admin' | 'customer') : 'remove';
  return (
    <tr aria-busy={fate.isPending || undefined}>
      <th scope="row">
        <span className={classes.person}>
          <Initials person={member} size={32} />
          <span className={classes.names}>
            <span className={classes.name}>
              {who.name} {self && <span className={classes.dim}>({t('people.you')})</span>}
            </span>
            <span className={classes.dim}>{member.email}</span>
          </span>
        </span>
      </th>
      <td data-label={t('people.role')}>
        {self ? (
          <span title={t('people.own_role')}>{common(`role.${member.role}`)}</span>
        ) : (
          <RoleMenu
            name={who.name}
            role={member.role}
            pending={fate.isPending}
            onChoose={(role) =>
              ASKED.includes(role)
                ? setAsked({ kind: 'role', role })
                : fate.mutate({ kind: 'role', role })
            }
          />
        )}
      </td>
      <td data-label={t('people.state')}>
        <span className={classes.state} data-verified={member.email_verified || undefined}>
          {t(member.email_verified ? 'people.verified' : 'people.unverified')}
        </span>
        {isStaff(member) ? (
          <span className={classes.state} data-verified={member.two_factor || undefined}>
            {t(member.two_factor ? 'people.second_on' : 'people.second_off')}
          </span>
        ) : (
          <Switch
            size="xs"
            label={t('people.vip')}
            aria-label={t('people.vip_label', who)}
            title={t('people.vip_text')}
            checked={member.vip}
            disabled={fate.isPending}
            onChange={() => fate.mutate({ kind: 'vip', vip: !member.vip })}
          />
        )}
      </td>
      <td data-label={t('people.joined')}>
        <time dateTime={member.joined_at} title={fullTime(member.joined_at, i18n.language)}>
          {dateOnly(member.joined_at, i18n.language)}
        </time>
      </td>
      <td className={classes.actions}>
        {!self && (
          <Tooltip label={t('people.remove_short')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('people.remove', who)}
              disabled={fate.isPending}
              onClick={() => setAsked({ kind: 'remove' })}
            >
              <IconTrash size={18} />
            </ActionIcon>
          </Tooltip>
        )}
        <Confirm
          opened={asked !== null}
          title={t(`confirm.${question}_title`, who)}
          text={t(`confirm.${question}_text`, who)}
          submit={t(`confirm.${question}`, who)}
          destructive={question !== 'admin'}
          onConfirm={() => asked && fate.mutate(asked)}
          onClose={() => setAsked(null)}
        />
      </td>
    </tr>
  );
}
