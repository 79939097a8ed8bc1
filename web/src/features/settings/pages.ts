import type { Role } from '~/api/types';
import {
  IconAlarm,
  IconBuilding,
  IconCategory,
  IconEye,
  IconFileOff,
  IconHistory,
  IconKey,
  IconLifebuoy,
  IconPackageExport,
  IconPaperclip,
  IconReceipt,
  IconShieldLock,
  IconTemplate,
  IconUpload,
  IconUsers,
  IconUsersGroup,
} from '~/ui/icons';

/** Who may open a page: each may all that the ones before may. */
const RANKS: Role[] = ['agent', 'manager', 'admin'];

const PAGES = [
  ['members', '/settings/members', IconUsers, 'admin'],
  ['replies', '/settings/replies', IconTemplate, 'agent'],
  ['help', '/settings/help', IconLifebuoy, 'manager'],
  ['teams', '/settings/teams', IconUsersGroup, 'manager'],
  ['categories', '/settings/categories', IconCategory, 'manager'],
  ['sla', '/settings/sla', IconAlarm, 'admin'],
  ['ticket_settings', '/settings/tickets', IconEye, 'admin'],
  ['files', '/settings/files', IconPaperclip, 'admin'],
  ['moderation', '/settings/refused-contents', IconFileOff, 'manager'],
  ['organisation', '/settings/organisation', IconBuilding, 'admin'],
  ['security', '/settings/security', IconShieldLock, 'admin'],
  ['api_keys', '/settings/api-keys', IconKey, 'admin'],
  ['audit', '/settings/audit', IconHistory, 'admin'],
  ['plan', '/settings/plan', IconReceipt, 'admin'],
  ['imports', '/settings/imports', IconUpload, 'admin'],
  ['exports', '/settings/exports', IconPackageExport, 'admin'],
] as const;

/** The pages of the settings that somebody in this role may open. */
export function pagesOf(role: Role) {
  const rank = RANKS.indexOf(role);
  return PAGES.filter(([, , , from]) => RANKS.indexOf(from) <= rank);
}
