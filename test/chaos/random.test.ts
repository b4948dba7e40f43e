import { describe, expect, test } from 'vitest'
import { createRandom } from './random.ts'

const draw = (seed: number, name: string) => {
  const random = createRandom(seed, name)
  return Array.from({ length: 1000 }, () => random.next())
}

describe('chance from a seed', () => {
  test('is the same for the same seed and name, and another for any other', () => {
    expect(draw(1, 'a')).toEqual(draw(1, 'a'))
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'))
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'))
    expect(draw(11, 'a')).not.toEqual(draw(1, '1a'))
  })

  test('is spread over its range', () => {
    const numbers = draw(1, 'a')
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    for (let tenth = 0; tenth < 10; tenth++)
      expect(numbers.filter((number) => Math.floor(number * 10) === tenth).length).toBeGreaterThan(60)
    const random = createRandom(1, 'a')
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['x', 'y', 'z'])))).toEqual(new Set(['x', 'y', 'z']))
  })
})
