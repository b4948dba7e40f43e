import { parseRetryAfter } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { endpoint } from './answers.ts'
import { failureOf, refresh } from './calls.ts'

const now = Date.UTC(2026, 10, 22, 10, 0, 0)
const day = 24 * 60 * 60 * 1000

describe('R7 Retry-After (RFC 9110 section 10.2.3)', () => {
  test.each<[string | null, number | undefined]>([
    [null, undefined],
    ['0', 0],
    ['120', 120_000],
    ['86401', day],
    ['9'.repeat(400), day],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['Sunday, 22-Nov-26 10:00:30 GMT', 30_000],
    ['Sun Nov 22 10:00:30 2026', 30_000],
    ['Tue Dec  1 10:00:00 2026', day],
    ['Sun, 22 Nov 2026 09:59:00 GMT', 0],
    ['Mon, 22 Nov 2027 10:00:00 GMT', day],
    ['', undefined],
    ['-5', undefined],
    ['3.5', undefined],
    ['120, 120', undefined],
    ['soon', undefined],
    ['Sun, 22 Foo 2026 10:00:30 GMT', undefined],
    ['2026-11-22T10:00:30Z', undefined],
  ])('%j means %j ms', (value, expected) => {
    expect(parseRetryAfter(value, null, now)).toBe(expected)
  })

  test('a date counts from the answer`s own Date, so a wrong clock here does not matter', () => {
    const date = 'Sun, 22 Nov 2026 10:00:00 GMT'
    expect(parseRetryAfter('Sun, 22 Nov 2026 10:00:30 GMT', date, now + 10 * day)).toBe(30_000)
    expect(parseRetryAfter('Sun, 22 Nov 2026 10:00:30 GMT', 'nonsense', now)).toBe(30_000)
  })
})

describe('R7 how long to wait', () => {
  test.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a date', { 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 30_000],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
  ])('Retry-After in %s', async (_, headers, retryAfter) => {
    const { grant } = await endpoint({ who: '', status: 429, headers, body: {} })
    expect((await failureOf(refresh(grant))).retryAfter).toBe(retryAfter)
  })
})
