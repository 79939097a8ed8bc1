/** What the console needs a moment after it stands: one chunk, fetched with its words while the list is looked at. */
export { AvailabilityForm } from '../availability/AvailabilityForm';
export { OwnStatus } from '../availability/OwnStatus';
export { BulkBar } from '../bulk/BulkBar';
export { BulkResult } from '../bulk/BulkResult';
export { Notices } from '../notices/Notices';
export { FindTicket } from '../tickets/FindTicket';
export { FirstSteps } from '../tickets/FirstSteps';
export { ListActions } from '../tickets/ListActions';
export { Narrowed } from '../tickets/Narrowed';
export { NarrowForm } from '../tickets/NarrowForm';
export { SaveView } from '../tickets/SaveView';
export { Palette } from './Palette';
export { ShortcutSheet } from './ShortcutSheet';
