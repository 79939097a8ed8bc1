import type { Import } from '~/api/types';

/** An import that waits to be checked, or as it is told. */
export function anImport(change: Partial<Import> = {}): Import {
  return {
    id: 7,
    kind: 'csv',
    source: 'csv',
    file_name: 'tickets.csv',
    file_size: 2_500_000,
    received: 2_500_000,
    encoding: 'utf-8',
    delimiter: ',',
    columns: [
      { name: 'Sujet', sample: 'Printer on fire' },
      { name: 'Mail', sample: 'chloe@acme.test' },
      { name: 'Colour', sample: 'red' },
    ],
    mapping: { Sujet: 'subject', Mail: 'requester_email' },
    state: 'ready',
    reason: null,
    position: 0,
    counts: { records: 0, imported: 0, skipped: 0, failed: 0, warned: 0, contacts: 0 },
    created_by: 2,
    created_at: '2026-11-20T08:00:00Z',
    started_at: null,
    finished_at: null,
    ...change,
  };
}
