import type { Agent, LoggedIn, Message, Ticket } from '~/api/types';

/** Somebody of the staff of Acme, where the tests take place. */
export const lea: Agent = {
  id: 2,
  firstname: 'Léa',
  lastname: 'Morel',
  email: 'lea@acme.test',
  role: 'agent',
  open_tickets: 3,
  workload: { open: 0, in_progress: 3, waiting_customer: 0, resolved: 0 },
  capacity: null,
  available: true,
  away_until: null,
  substitute_id: null,
  teams: [],
};

export const tom: Agent = { ...lea, id: 3, firstname: 'Tom', lastname: 'Baker', open_tickets: 1 };

/** What the server answers when this person signs in. */
export function loginOf(person: Agent | typeof chloe, role = 'agent'): LoggedIn {
  return {
    access_token: `token-of-${person.id}`,
    token_type: 'Bearer',
    expires_in: 900,
    user: {
      id: person.id,
      email: person.email,
      firstname: person.firstname,
      lastname: person.lastname,
      role: role as LoggedIn['user']['role'],
      locale: 'en',
      email_verified: true,
      tenant: { id: '0190-acme', slug: 'acme', organisation: 'Acme', status: 'active' },
    },
  };
}

/** A customer of Acme. */
export const chloe = { id: 10, firstname: 'Chloé', lastname: 'Petit', email: 'chloe@client.test' };

/** A ticket that Chloé opened and nobody has taken yet. */
export function aTicket(change: Partial<Ticket> = {}): Ticket {
  return {
    id: 7,
    ticket_number: 'TKT-4F2K',
    user_id: chloe.id,
    requester: chloe,
    subject: 'Printer on fire',
    description: 'It burns.',
    description_html: '<p>It burns.</p>',
    priority: 'medium',
    priority_reason: 'default',
    status: 'open',
    category: null,
    team_id: null,
    team: null,
    assigned_to: null,
    assignee: null,
    order_id: null,
    tags: [],
    custom_fields: {},
    channel: 'web',
    unread_count: 0,
    sla: null,
    version: 1,
    allowed_transitions: ['closed'],
    resolved_at: null,
    closed_at: null,
    created_at: '2026-11-20T08:00:00Z',
    updated_at: '2026-11-20T08:00:00Z',
    ...change,
  };
}

export function aMessage(change: Partial<Message> = {}): Message {
  return {
    id: 31,
    ticket_id: 7,
    sender_id: chloe.id,
    sender_type: 'customer',
    sender_name: 'Chloé Petit',
    message: 'Hello',
    message_html: '<p>Hello</p>',
    is_internal: false,
    attachments: [],
    read_at: null,
    created_at: '2026-11-20T09:00:00Z',
    updated_at: '2026-11-20T09:00:00Z',
    ...change,
  };
}
