import type { Attachment, MediaCategory } from '~/features/attachments/types';
import { aMediaCategory } from './media';
import { chloe } from './people';

/** A picture that Chloé sent, with its preview. */
export function anAttachment(change: Partial<Attachment> = {}): Attachment {
  return {
    id: 51,
    ticket_id: 7,
    message_id: 31,
    awaits_message: false,
    original_name: 'photo.png',
    filename: 'photo.png',
    mime_type: 'image/png',
    file_size: 2048,
    sha256: 'ab'.repeat(32),
    scan_status: 'clean',
    width: 800,
    height: 600,
    uploaded_by: chloe.id,
    url: null,
    url_expires_at: null,
    created_at: '2026-11-20T09:00:00Z',
    preview: 'ready',
    preview_url: '/api/v1/files/51/preview?link=x',
    ...change,
  };
}

/** What Acme takes. */
export const pictures: MediaCategory = aMediaCategory();

/** A file of so many bytes on somebody's machine. */
export function aFile(name = 'photo.png', bytes = 2048): File {
  return new File([new Uint8Array(bytes)], name, { lastModified: 1 });
}
