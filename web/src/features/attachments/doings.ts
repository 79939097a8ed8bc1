import type { SessionUser, Ticket } from '~/api/types';
import { IconDownload, IconFileOff, IconFolderShare, IconHistory, IconTrash } from '~/ui/icons';
import { mayModerate } from '../moderation/may';
import { mayArrange } from '../session/may';
import { isStaff } from '../session/session';
import { isOpen } from './kind';
import type { Attachment } from './types';
import { mayRemove } from './useRemove';

type Who = Pick<SessionUser, 'id' | 'role'>;

/** What can be done with a file, in the order of its menu, and who may. */
const DOINGS = [
  { id: 'download', Icon: IconDownload, may: isOpen },
  {
    id: 'share',
    Icon: IconFolderShare,
    may: (file: Attachment, person: Who) => isOpen(file) && isStaff(person),
  },
  {
    id: 'accesses',
    Icon: IconHistory,
    may: (_: Attachment, person: Who) => mayArrange(person),
  },
  {
    id: 'refuse',
    Icon: IconFileOff,
    may: (_: Attachment, person: Who) => mayModerate(person),
  },
  { id: 'remove', Icon: IconTrash, may: mayRemove },
] as const;

export type Doing = (typeof DOINGS)[number]['id'];

/** What somebody can do with a file of a ticket. */
export function doingsOf(file: Attachment, person: Who, ticket: Ticket) {
  return DOINGS.filter(({ may }) => may(file, person, ticket));
}
