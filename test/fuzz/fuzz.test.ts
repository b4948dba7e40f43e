import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holds } from './target.ts'
import { targets } from './targets.ts'

test.each(targets)('whatever is read as $name, what must hold does', async ({ property }) => {
  await fc.assert(property, { seed: 1, numRuns: 200 })
})

test('what does not hold is found, made small, and told with its seed', async () => {
  const wrong = fc.asyncProperty(fc.string(), async (text) => holds(!text.includes('a'), 'an a'))
  const { failed, counterexample, seed } = await fc.check(wrong, { seed: 1, numRuns: 1_000 })
  expect({ failed, counterexample, seed }).toEqual({ failed: true, counterexample: ['a'], seed: 1 })
})
