export { CategoriesPage } from '~/features/categories/CategoriesPage';
export { HelpCentrePage } from '~/features/help/HelpCentrePage';
export { ImportsPage } from '~/features/imports/ImportsPage';
export { FilesPage } from '~/features/mediasettings/FilesPage';
export { RepliesPage } from '~/features/replies/RepliesPage';
export { SlaPage } from '~/features/sla/SlaPage';
export { TeamsPage } from '~/features/teams/TeamsPage';
export { TicketSettingsPage } from '~/features/ticketsettings/TicketSettingsPage';
