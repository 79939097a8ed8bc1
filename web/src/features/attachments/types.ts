import type { components } from '~/api/app';
import type { Message } from '~/api/types';

/** A file of a ticket, with what the API may come to say of it. */
export type Attachment = Message['attachments'][number] & {
  /** Whether it waits for the message that its sender writes. */
  awaits_message?: boolean;
};

/** What an organisation takes: files of these endings up to so many bytes. */
export type MediaCategory = Omit<components['schemas']['MediaCategory'], 'version' | 'updated_at'>;
