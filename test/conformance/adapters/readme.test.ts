import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { capabilityTable } from './capability-table.ts'
import { fixtures } from './fixtures/index.ts'

const here = new URL('.', import.meta.url)
const root = new URL('../../../', here)
const readme = readFileSync(new URL('README.md', here), 'utf8')

/** The text under a heading, up to the next one. */
function section(heading: string): string {
  return readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
}

function versionOf(folder: string): string {
  return JSON.parse(readFileSync(new URL(`node_modules/${folder}/package.json`, root), 'utf8')).version
}

describe('the README of these tests', () => {
  it('has the table of what the fixtures say', () => {
    const [, table = ''] = /<!-- capabilities -->\n+([\s\S]*?)\n+<!-- \/capabilities -->/.exec(readme) ?? []
    // Once a fixture has changed: what is expected here belongs between the two marks.
    expect(table).toBe(capabilityTable(fixtures))
  })

  it('names files that exist', () => {
    const named = [...readme.matchAll(/`([\w./-]+\.ts)`/g)].map(([, path = '']) => path)
    const missing = named.filter((path) => !existsSync(new URL(path, path.startsWith('packages/') ? root : here)))
    expect(missing).toEqual([])
    expect(named.length).toBeGreaterThan(50)
  })

  it('has a file for each of the thirteen rules, and for each trap', () => {
    const entries = (heading: string, mark: RegExp) =>
      section(heading)
        .split(mark)
        .slice(1)
        .map((entry) => entry.split('\n\n')[0] ?? '')
    const rules = entries('Which file shows which rule', /^\d+\. /m)
    const traps = entries('Which file shows which trap', /^- /m)
    expect([rules.length, traps.length]).toEqual([13, 17])
    expect([...rules, ...traps].filter((entry) => !entry.includes('.test.ts`'))).toEqual([])
  })
})

describe('the versions under test', () => {
  it.each(['axios', 'got', 'ky'])('of %s are the oldest that its package takes, and the newest', (client) => {
    const { peerDependencies } = JSON.parse(readFileSync(new URL(`packages/${client}/package.json`, root), 'utf8'))
    const [, oldest = '', below = ''] = /^>=([\d.]+) <(\d+)$/.exec(peerDependencies[client]) ?? []
    expect(versionOf(`${client}-floor`)).toBe(oldest)
    expect(fixtures.map(({ name }) => name)).toEqual(expect.arrayContaining([client, `${client} ${oldest}`]))
    const newestMajor = Number(versionOf(client).split('.')[0])
    expect(newestMajor + 1).toBe(Number(below))
  })
})
