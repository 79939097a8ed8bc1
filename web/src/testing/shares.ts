import type { FileAccess, FileShare, SharedFile } from '~/api/types';
import { anAttachment } from './files';
import { lea, tom } from './people';

const party = ({ id, firstname, lastname }: typeof lea) => ({ id, firstname, lastname });

/** A link that Léa made to the picture, for seven days. */
export function aShare(change: Partial<FileShare> = {}): FileShare {
  return {
    id: 5,
    attachment_id: 51,
    kind: 'link',
    member: null,
    url: null,
    created_by: party(lea),
    created_at: '2026-11-20T09:00:00Z',
    expires_at: '2099-11-27T09:00:00Z',
    revoked_at: null,
    opened: 0,
    last_opened_at: null,
    ...change,
  };
}

/** The same picture, given to Tom. */
export function aGift(change: Partial<FileShare> = {}): FileShare {
  return aShare({ id: 6, kind: 'member', member: party(tom), expires_at: null, ...change });
}

/** What Tom has given to whoever is here. */
export function aSharedFile(change: Partial<SharedFile> = {}): SharedFile {
  return {
    id: 8,
    created_by: party(tom),
    created_at: '2026-11-20T09:00:00Z',
    attachment: anAttachment({ preview_url: null }),
    ...change,
  };
}

/** That Tom has downloaded the picture. */
export function anAccess(change: Partial<FileAccess> = {}): FileAccess {
  return {
    id: 90,
    what: 'downloaded',
    at: '2026-11-20T10:00:00Z',
    user: party(tom),
    share_id: null,
    ip: '192.0.2.7',
    user_agent: 'Browser/1.0',
    ...change,
  };
}
