export { Console } from '~/features/console/Console';
export { PickTicket } from '~/features/tickets/PickTicket';
