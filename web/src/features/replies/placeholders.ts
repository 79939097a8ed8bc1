/** Names that stand for something of the ticket, the same as the server's. */
export const PLACEHOLDERS = [
  'requester.firstname',
  'requester.lastname',
  'agent.firstname',
  'agent.lastname',
  'assignee.firstname',
  'ticket.number',
  'ticket.subject',
  'ticket.status',
  'ticket.priority',
  'ticket.category',
  'order.id',
  'organisation',
] as const;
