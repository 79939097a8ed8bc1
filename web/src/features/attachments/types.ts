import type { Message } from '~/api/types';

/** A file of a ticket, with what the API's document is yet to say of it. */
export type Attachment = Message['attachments'][number] & {
  /** Whether there is a small picture of it. */
  preview?: 'none' | 'pending' | 'ready' | 'failed';
  /** Where that is to be had for a while; null unless it is ready. */
  preview_url?: string | null;
  /** Whether it waits for the message that its sender writes. */
  awaits_message?: boolean;
};

/** What an organisation takes: files of these endings up to so many bytes. */
export type MediaCategory = {
  id: number;
  name: string;
  extensions: string[];
  max_bytes: number;
  previews: boolean;
  staff_only: boolean;
  enabled: boolean;
};
