import { describe, expect, test } from 'vitest'
import { isTokenRecord, type TokenRecord } from '../src/index.ts'

const holder = { host: 'h' }
const full: TokenRecord = {
  tokens: { accessToken: 'a', tokenType: 'Bearer', obtainedAt: 1 },
  revision: 3,
  generation: 2,
  claim: { id: 'c', holder, claimedAt: 1, presentation: 1, since: 1 },
}

describe('what a store has read is a record', () => {
  test.each<[string, unknown]>([
    ['all of one', full],
    ['without tokens, before the first answer', { revision: 1, generation: 0, claim: full.claim }],
    ['with fields of a later release', { ...full, later: { any: 'thing' } }],
  ])('%s', (_, value) => {
    expect(isTokenRecord(JSON.parse(JSON.stringify(value)))).toBe(true)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['text', 'revision'],
    ['a list', [full]],
    ['no revision', { generation: 1 }],
    ['no generation', { revision: 1 }],
    ['a revision that is text', { ...full, revision: '1' }],
    ['a generation that is no whole number', { ...full, generation: 1.5 }],
    ['tokens that are null', { ...full, tokens: null }],
    ['tokens that are a list', { ...full, tokens: [full.tokens] }],
    ['tokens under the names of the wire', { ...full, tokens: { access_token: 'a' } }],
    ['a claim that is text', { ...full, claim: 'c' }],
    ['a claim without an id', { ...full, claim: { holder } }],
    ['a claim without a holder', { ...full, claim: { id: 'c' } }],
  ])('%s is none', (_, value) => {
    expect(isTokenRecord(value)).toBe(false)
  })
})
