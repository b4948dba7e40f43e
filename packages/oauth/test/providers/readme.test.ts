import { readFile, writeFile } from 'node:fs/promises'
import { type ProviderName, type ProviderProfile, providerEvidence, providers } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { fixtures } from './fixtures.ts'

const file = new URL('../../README.md', import.meta.url)
const begin = '<!-- providers: written by test/providers/readme.test.ts -->\n'
const end = '<!-- /providers -->'

const rows = Object.entries(providers) as [ProviderName, ProviderProfile][]

function duration(ms: number): string {
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length} ${unit}`
  }
  return `${ms} ms`
}

const said = { always: 'yes', sometimes: 'sometimes', never: 'no', configurable: 'as configured' }

function spent({ spentToken, grace }: ProviderProfile): string {
  const time = grace === undefined ? '' : duration(grace)
  if (spentToken === undefined) return 'not known'
  if (spentToken === 'valid') return 'stays valid'
  if (spentToken === 'grace') return `works for ${time}`
  if (spentToken === 'until-successor-used') return `works until the new one is used${time && `, ${time} at most`}`
  return 'is revoked'
}

/** The options that the endpoint leaves open, in its order. */
function gaps({ tokenEndpoint, placeholders = {} }: ProviderProfile): string {
  const names = [...tokenEndpoint.matchAll(/\{(\/?)(\w+)\}/g)].map(([, slash, name = '']) => {
    const optional =
      slash === '/' ||
      Object.entries(placeholders).some(([known, { default: value }]) => known === name && value !== undefined)
    return optional ? `\`${name}\`?` : `\`${name}\``
  })
  return names.join(', ')
}

function table(): string {
  const cells = rows.map(([name, profile]) => {
    const { verifiedOn, confidence, note = '' } = providerEvidence[name]
    const rotation = profile.rotation === undefined ? 'not known' : said[profile.rotation]
    return [`\`${name}\``, profile.title, gaps(profile), rotation, spent(profile), `${confidence}, ${verifiedOn}`, note]
  })
  const head = ['provider', '', 'options', 'new refresh token', 'the spent one', 'source', '']
  const widths = head.map((title, column) => Math.max(3, title.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n')
}

describe('the providers in the README', () => {
  test('are those that are known. To write them: WRITE_README=1', async () => {
    const readme = await readFile(file, 'utf8')
    const [before = '', rest = ''] = readme.split(begin)
    const [written = '', after = ''] = rest.split(end)
    const current = `\n${table()}\n\n`
    if (process.env['WRITE_README'] === '1') await writeFile(file, before + begin + current + end + after)
    else expect(written).toBe(current)
  })
})

describe.each(rows)('the profile of %s', (name, profile) => {
  const template = [profile.tokenEndpoint, profile.refreshEndpoint ?? ''].join(' ')

  test('has an example for every gap of its endpoint, and no others', () => {
    const names = new Set([...template.matchAll(/\{\/?(\w+)\}/g)].map(([, gap]) => gap))
    expect(new Set(Object.keys(profile.placeholders ?? {}))).toEqual(names)
  })

  test('says for how long, where it says that a spent token works for a while, and nowhere else', () => {
    if (profile.spentToken === 'grace') expect(profile.grace).toBeGreaterThan(0)
    else if (profile.spentToken !== 'until-successor-used') expect(profile.grace).toBeUndefined()
  })

  test('is dated, and has sources', () => {
    const { verifiedOn, sources } = providerEvidence[name]
    expect(new Date(verifiedOn).toISOString().slice(0, verifiedOn.length)).toBe(verifiedOn)
    expect(verifiedOn).toMatch(/^\d{4}-\d\d(-\d\d)?$/)
    expect(sources.length).toBeGreaterThan(0)
    for (const source of sources) expect(new URL(source).protocol).toBe('https:')
  })

  test('holds what its fixture has seen: no data without a test of it', () => {
    const { format, authentication, rotates, lostAnswer } = fixtures[name]
    expect(profile.request?.format ?? 'form').toBe(format)
    if (authentication !== 'none') expect(profile.clientAuthentication).toBe(`client_secret_${authentication}`)
    if (profile.rotation === 'always') expect(rotates).toBe(true)
    if (profile.rotation === 'never') expect(rotates).toBe(false)
    expect(profile.spentToken === 'valid').toBe(lostAnswer === 'always')
  })
})
