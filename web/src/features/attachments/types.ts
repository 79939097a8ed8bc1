import type { components } from '~/api/app';
import type { Message } from '~/api/types';

/** A file of a ticket. */
export type Attachment = Message['attachments'][number];

/** What an organisation takes: files of these endings up to so many bytes. */
export type MediaCategory = Omit<components['schemas']['MediaCategory'], 'version' | 'updated_at'>;
