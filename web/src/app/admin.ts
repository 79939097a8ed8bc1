export { MembersPage } from '~/features/members/MembersPage';
export { Settings } from '~/features/settings/Settings';
export { OrganisationPage } from '~/features/tenant/OrganisationPage';
