import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diagnose } from '../../packages/cli/src/diagnose/diagnose.ts'
import { toJson } from '../../packages/cli/src/diagnose/json.ts'
import { renderDiagnosis } from '../../packages/cli/src/diagnose/page.ts'
import { tell } from '../../packages/cli/src/diagnose/text.ts'
import { plainTerminal } from '../../packages/cli/test/plain-terminal.ts'

const seed = 20_261_129
const numRuns = 250

const canary = fc
  .array(fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'), {
    minLength: 20,
    maxLength: 60,
  })
  .map((letters) => `CaNaRy7${letters.join('')}`)

/** What stands in logs, and what does not. */
const fragment = fc.oneof(
  fc.constantFrom(
    '2026-11-29T14:22:01.000Z',
    'Nov 29 14:22:01',
    '29/Nov/2026:14:22:01 +0000',
    '1795962121',
    '1795962121000',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '\t',
    ' ',
    '\r',
    '\n',
    '\n  ',
    'level=error',
    '"level":50,',
    '"time":1795962121000,',
    '"msg":"token refresh failed"',
    'user=42',
    '"userId":"u1",',
    'pid=7',
    'host[7]:',
    'web-1  | ',
    'invalid_grant',
    'refresh token already used',
    'token refreshed',
    'POST /oauth/token HTTP/1.1" 400',
    '503',
    '429',
    'invalid_client',
    'AADSTS700082',
    'idle timeout',
    'Unexpected end of JSON input credentials.json',
    'token family revoked',
    'tokenflight refreshed key=a',
    '"tokenflight":{"type":"refresh_failed","key":"a"}',
    'jwt not active',
    '{"log":{"entries":[{',
    '{"log":"',
    '"stream":"stdout"',
    '"MESSAGE":',
    '\u0000',
    '\u001b[31m',
    '\ud800',
    '😀',
    '\u202e',
  ),
  fc.string({ maxLength: 40 }),
  fc.double().map(String),
)

const placed = fc
  .tuple(
    fc.constantFrom(
      'refresh_token=',
      '"refresh_token":"',
      'refreshToken: ',
      '\\"access_token\\":\\"',
      'Authorization: Bearer ',
      'Authorization: Basic ',
      'Cookie: sid=',
      'code=',
      'client_secret=',
      '"password":"',
      'token ',
      'https://ada:',
      'refresh_token%3D',
      'id_token=',
      ' ',
      '(',
      'user ',
      'user=',
      '"sub":"',
      'client_id=',
      'for ',
      '/',
    ),
    canary,
    fc.constantFrom('"', ' ', '&x=1', '\\"', ';', ')', '@login.example.com/', ',', '\n'),
  )
  .map(([before, secret, after]) => `${before}${secret}${after}`)

const log = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fragment },
      { weight: 1, arbitrary: placed },
      { weight: 1, arbitrary: fc.constant('\n') },
    ),
    { maxLength: 120 },
  )
  .map((parts) => parts.join(''))

const read = (chunks: readonly Buffer[]) =>
  diagnose({ files: ['-'], now: Date.UTC(2026, 11, 1), stdin: Readable.from(chunks) })

describe(`any log at all (seed ${seed})`, () => {
  test('D2: is read to its end, and every finding has its lines', async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.nat(), async (text, at) => {
        const bytes = Buffer.from(text)
        const cut = bytes.length === 0 ? 0 : at % bytes.length
        const { count, findings } = await read([bytes.subarray(0, cut), bytes.subarray(cut)])
        expect(count.bytes).toBe(bytes.length)
        for (const { clusters, clusterCount } of findings) {
          expect(clusterCount).toBeGreaterThan(0)
          for (const { signals, because } of clusters) {
            expect(because.length).toBeGreaterThan(0)
            expect(signals.length).toBeGreaterThan(0)
            for (const { line } of signals) expect(line >= 1 && line <= count.lines + 1).toBe(true)
          }
        }
      }),
      { seed, numRuns },
    )
  })

  test('P1: no report shows a secret, wherever it stands, nor what would act on a terminal or a page', async () => {
    await fc.assert(
      fc.asyncProperty(log, async (text) => {
        // Lines that are evidence, so that there is something to show.
        const kept = '\n2026-11-29T14:22:01Z token refreshed for user 42 '
        const lost = '\n2026-11-29T14:22:02Z invalid_grant: refresh token already used, user 42 '
        const line = text.replaceAll('\n', ' ').slice(0, 1_500)
        const diagnosis = await read([Buffer.from(`${text}${kept}${line}${lost}${line}\n`)])
        const json = JSON.stringify(toJson(diagnosis))
        const told = tell(diagnosis, plainTerminal({ columns: 120 }))
        const page = renderDiagnosis(diagnosis)
        for (const report of [json, told.replace(/\n */g, ''), page]) expect(report).not.toMatch(/CaNaRy7\w{4}/)
        expect(told.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
        expect(page).not.toContain('<script')
      }),
      { seed, numRuns },
    )
  })
})
