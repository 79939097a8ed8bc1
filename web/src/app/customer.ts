export { MyTickets } from '~/features/portal/MyTickets';
export { NewTicket } from '~/features/portal/NewTicket';
export { Portal } from '~/features/portal/Portal';
export { PortalTicket } from '~/features/portal/PortalTicket';
