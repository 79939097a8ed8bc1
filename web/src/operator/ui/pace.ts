/** While something moves it is looked at so often; otherwise something may have begun, or changed, elsewhere. */
export const MOVING_MS = 2000;
export const STILL_MS = 15_000;

/** The pages of a list that are asked for anew every other second, one after the other. */
const QUICK_PAGES = 2;

/** How long until the next look at a list of so many pages. */
export function pace(isMoving: boolean, pages = 1): number {
  return isMoving && pages <= QUICK_PAGES ? MOVING_MS : STILL_MS;
}
