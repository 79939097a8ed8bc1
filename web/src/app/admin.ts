export { ApiKeysPage } from '~/features/apikeys/ApiKeysPage';
export { AuditPage } from '~/features/audit/AuditPage';
export { MembersPage } from '~/features/members/MembersPage';
export { SecurityPage } from '~/features/security/SecurityPage';
export { Settings } from '~/features/settings/Settings';
export { OrganisationPage } from '~/features/tenant/OrganisationPage';
