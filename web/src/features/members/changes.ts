import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { Invitation, Member, Role } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { fullName } from '~/ui/Initials';
import { notifyFailure } from '~/ui/notify';
import { keys as tickets } from '../tickets/keys';
import { keys } from './queries';

/** Says what was done. `gone`: what had the keyboard's focus is no longer there. */
export type Done = (said: string, gone?: boolean) => void;

/** What an admin makes of a member: another role, a VIP, or none. */
export type Fate =
  | { kind: 'role'; role: Role }
  | { kind: 'vip'; vip: boolean }
  | { kind: 'remove' };

/**
 * Changes a member. Shown when it is done and not before: a role decides what somebody may see, so
 * the page must not say that it was taken away when it was not. `onDone` gets what to say.
 */
export function useFate(member: Member, onDone: Done) {
  const client = useQueryClient();
  const { t } = useTranslation('settings');
  const { t: common } = useTranslation();
  const explain = useExplain();
  const name = fullName(member);
  const path = { user_id: member.id };
  return useMutation({
    mutationFn: async (fate: Fate) => {
      if (fate.kind === 'remove') {
        await unwrap(control.DELETE('/api/v1/members/{user_id}', { params: { path } }));
      } else {
        const body = fate.kind === 'role' ? { role: fate.role } : { vip: fate.vip };
        await unwrap(control.PATCH('/api/v1/members/{user_id}', { params: { path }, body }));
      }
    },
    onSuccess: (_, fate) => {
      if (fate.kind === 'remove') onDone(t('people.removed', { name }), true);
      else if (fate.kind === 'vip')
        onDone(t(fate.vip ? 'people.vip_on' : 'people.vip_off', { name }));
      else onDone(t('people.saved', { name, role: common(`role.${fate.role}`) }));
    },
    onError: (error, fate) =>
      void notifyFailure(t(`failed.${fate.kind}`, { name }), why(error) ?? explain(error)),
    onSettled: () =>
      Promise.all(
        [keys.members, tickets.agents].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });

  /** Refusals that mean something of their own here. */
  function why(error: unknown): string | null {
    if (!(error instanceof ApiError)) return null;
    if (error.status === 404) return t('failed.gone');
    return error.status === 409 && member.role === 'admin' ? t('failed.last_admin') : null;
  }
}

/** Asks somebody in. Asking the same address again replaces the earlier invitation. */
export function useInvite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; role: Role }) =>
      unwrap(control.POST('/api/v1/invitations', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.invitations }),
  });
}

/** Takes an invitation back. */
export function useRevoke(invitation: Invitation, onDone: Done) {
  const client = useQueryClient();
  const { t } = useTranslation('settings');
  const explain = useExplain();
  const { id, email } = invitation;
  return useMutation({
    mutationFn: () =>
      unwrap(control.DELETE('/api/v1/invitations/{id}', { params: { path: { id } } })),
    onSuccess: () => onDone(t('invitations.revoked', { email }), true),
    onError: (error) => {
      const gone = error instanceof ApiError && error.status === 404;
      void notifyFailure(
        t('failed.revoke', { email }),
        gone ? t('failed.invitation_gone') : explain(error),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.invitations }),
  });
}
