import { IconFile, IconFileTypePdf, IconFileZip, IconPhoto } from '~/ui/icons';
import { kindOf } from './kind';

const ICONS = { image: IconPhoto, pdf: IconFileTypePdf, archive: IconFileZip, other: IconFile };

/** A sign of what kind a file is. */
export function FileIcon({ name, size = 20 }: { name: string; size?: number }) {
  const Icon = ICONS[kindOf(name)];
  return <Icon size={size} stroke={1.5} aria-hidden="true" style={{ flex: 'none' }} />;
}
