import { expect, test } from 'vitest';
import { newQueryClient } from '~/api/queries';
import { answer, page } from '~/testing/api';
import { pictures } from '~/testing/files';
import { mediaCategories } from './queries';

test('as many categories as an organisation may have are asked for: none of their files is called refused', async () => {
  const asked = answer({ 'GET /api/v1/media-categories': page([pictures]) });
  expect(await newQueryClient().fetchQuery(mediaCategories)).toEqual([pictures]);
  expect(asked[0]?.query.get('limit')).toBe('100');
});
