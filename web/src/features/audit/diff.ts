/** One field of what changed; a side is absent where there was or is nothing. */
export type Line = { field: string; before?: string; after?: string };

type Json = Record<string, unknown>;

/**
 * What changed, field by field: from `{before, after}` only the fields that differ, from `{after}`
 * alone all that is there now. Whatever else was noted stands as it is.
 */
export function linesOf(changes: unknown): Line[] {
  if (!isObject(changes)) return [];
  const { before, after, ...others } = changes;
  const [was, is] = [flat(before), flat(after)];
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const changed = fields
    .filter((field) => was[field] !== is[field])
    .map((field) => ({ field, before: was[field], after: is[field] }));
  return [
    ...changed,
    ...Object.entries(flat(others)).map(([field, after]) => ({ field, after })),
  ].map(withoutAbsent);
}

/** Fields inside fields by their path: `user.email`. */
function flat(value: unknown, path = ''): Record<string, string> {
  if (!isObject(value)) return value === undefined || !path ? {} : { [path]: worded(value) };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => flat(inner, path ? `${path}.${key}` : key)),
  );
}

function worded(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutAbsent({ field, before, after }: Line): Line {
  return {
    field,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}
