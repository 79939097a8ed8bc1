import { fullTime } from '~/ui/time';
import type { Attachment } from './types';

type Exif = NonNullable<Attachment['exif']>;

/** Which camera it was; a model that begins with its maker's name is not said twice. */
export function cameraOf({ camera_make: make, camera_model: model }: Exif): string | null {
  if (!make || !model) return make ?? model ?? null;
  return model.toLowerCase().startsWith(make.toLowerCase()) ? model : `${make} ${model}`;
}

/** When a picture was taken, by the camera's own clock: its zone is not known, and none is said. */
export function takenAt({ taken_at }: Exif, language: string): string | null {
  if (!taken_at) return null;
  return Number.isNaN(Date.parse(taken_at)) ? taken_at : fullTime(taken_at, language);
}

/** How it was taken, as photographers write it: `1/125 s · f/2.8 · ISO 100 · 26 mm`. */
export function exposureOf(exif: Exif, language: string): string | null {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const { exposure_time: time, f_number, iso, focal_length } = exif;
  const said = [
    time && (time < 1 ? `1/${number.format(Math.round(1 / time))} s` : `${number.format(time)} s`),
    f_number && `f/${number.format(f_number)}`,
    iso && `ISO ${iso}`,
    focal_length && `${number.format(focal_length)} mm`,
  ].filter(Boolean);
  return said.length > 0 ? said.join(' · ') : null;
}
