/** What is drawn only where there are files: one chunk, fetched with the first of them. */
export { Files } from './Files';
export { OwnFiles } from './OwnFiles';
export { TicketFiles } from './TicketFiles';
export { UnfinishedRows } from './UnfinishedRows';
export { UploadRows } from './UploadRows';
