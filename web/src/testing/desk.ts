import type {
  BulkJob,
  CannedReply,
  Category,
  CustomField,
  Macro,
  SavedView,
  Team,
} from '~/api/types';

const dated = { created_at: '2026-11-20T08:00:00Z', updated_at: '2026-11-20T08:00:00Z' } as const;

export function aView(change: Partial<SavedView> = {}): SavedView {
  return {
    id: 5,
    name: 'Important',
    scope: 'own',
    filter: {},
    position: 0,
    version: 3,
    ...dated,
    ...change,
  };
}

export function aJobOf(change: Partial<BulkJob> = {}): BulkJob {
  return {
    id: 9,
    action: 'status',
    undo_of: null,
    state: 'finished',
    total: 1,
    done: 1,
    created_at: dated.created_at,
    results: [],
    ...change,
  };
}

export function aReply(change: Partial<CannedReply> = {}): CannedReply {
  return {
    id: 21,
    name: 'Greeting',
    scope: 'own',
    message: 'Hello {{requester.firstname}}',
    version: 2,
    ...dated,
    ...change,
  };
}

export function aMacro(change: Partial<Macro> = {}): Macro {
  return {
    id: 31,
    name: 'Solve it',
    scope: 'everybody',
    message: 'Solved.',
    is_internal: false,
    actions: [{ action: 'status', status: 'resolved' }],
    version: 4,
    ...dated,
    ...change,
  };
}

export function aTeam(change: Partial<Team> = {}): Team {
  return {
    id: 4,
    name: 'Returns',
    assignment: 'round_robin',
    members: [],
    version: 1,
    ...dated,
    ...change,
  };
}

export function aCategory(change: Partial<Category> = {}): Category {
  return {
    id: 6,
    name: 'repair',
    labels: { fr: 'Réparation', en: 'Repair' },
    active: true,
    position: 0,
    team_id: null,
    skills: [],
    version: 1,
    ...dated,
    ...change,
  };
}

export function aField(change: Partial<CustomField> = {}): CustomField {
  return {
    id: 8,
    key: 'serial',
    labels: { fr: 'Numéro de série', en: 'Serial number' },
    type: 'text',
    options: [],
    required_for_customers: false,
    required_for_agents: false,
    visible_to_customers: true,
    sensitive: false,
    category_id: null,
    position: 0,
    version: 1,
    ...dated,
    ...change,
  };
}
