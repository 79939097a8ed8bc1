/** Pages of a list that are asked for at most: what is kept whole on a page has no more than that, 5000 rows. */
const PAGES = 50;

type Part<T> = { data: T[]; page: { next_cursor?: string | null } };

/** A whole list that is small by the server's rules, page after page. */
export async function everything<T>(
  ask: (query: { limit: number; cursor?: string }) => Promise<Part<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const part = await ask({ limit: 100, cursor });
    rows.push(...part.data);
    cursor = part.page.next_cursor ?? undefined;
    if (!cursor) break;
  }
  return rows;
}
