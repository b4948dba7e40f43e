import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { cases } from './cases/index.ts'
import { libraries, own } from './libraries/index.ts'
import type { Library } from './library.ts'
import { toMarkdown, versionsOf } from './markdown.ts'
import { toJson, toText } from './report.ts'
import { runCase, runTable } from './run.ts'

describe.each(own)('$name holds what the table claims', (library) => {
  it.each(cases)('$id $title', async (peerCase) => {
    // As long as a busy machine may take: some cases start processes.
    const { result, reason } = await runCase(peerCase, library, 40_000)
    expect(result === 'fail' ? reason : undefined).toBeUndefined()
    expect(result).not.toBe('fail')
  })
})

/** Sends everything as it is, with the token of the sign-in. */
const careless: Library = {
  name: 'careless',
  packages: ['undici'],
  setup: 'as it is',
  features: ['client', 'retry'],
  open: async ({ tokens }) => ({
    send: ({ url, method = 'GET' }) =>
      fetch(url, { method, headers: { authorization: `Bearer ${tokens?.access_token}` } }),
    close: async () => {},
  }),
}

describe('docs/peers.md', async () => {
  const page = await readFile(new URL('../../docs/peers.md', import.meta.url), 'utf8')
  const again = 'Make it anew: npm run peers -- --markdown > docs/peers.md'

  it('has a row and a line for every case that there is, and no other', () => {
    const [, , ...rows] = page.split('\n').filter((line) => line.startsWith('| '))
    const titles = rows.map((row) => row.split(' | ')[0]?.replace(/^\| |\[\^\d+\]$/g, ''))
    expect(titles, again).toEqual([...cases.map(({ title }) => title), '*holds, of what applies*'])
    for (const { id, title, meaning } of cases) expect(page, again).toContain(`- **${id}**: ${title}. *${meaning}*`)
  })

  it('has a column and a line for every library that there is, with the version that is measured here', async () => {
    const [head = ''] = page.split('\n').filter((line) => line.startsWith('| '))
    const names = head.split(' | ').slice(1)
    expect(
      names.map((name) => name.replace(/ \|$/, '')),
      again,
    ).toEqual(libraries.map(({ name }) => name))
    const { versions } = await runTable([], libraries)
    for (const { name, packages, setup } of libraries)
      expect(page, again).toContain(`- **${name}** (${versionsOf(packages, versions)}): ${setup}.`)
  })
})

describe('The table', () => {
  it('has every case once, and every library', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
    expect(new Set(libraries.map(({ name }) => name)).size).toBe(libraries.length)
  })

  it('tells a failure from a pass and from what does not apply, with the reason and no token', async () => {
    const some = cases.filter(({ id }) => ['one-401', 'A9', 'S2'].includes(id))
    const table = await runTable(some, [careless])
    expect(table.cases.map(({ id, results, reasons }) => [id, results, reasons])).toEqual([
      ['one-401', { careless: 'fail' }, { careless: 'status: 401 in place of 200' }],
      ['A9', { careless: 'pass' }, {}],
      ['S2', { careless: 'n/a' }, { careless: 'It has no store that processes could share.' }],
    ])
    expect(Object.keys(table.versions)).toEqual(['undici'])
    expect(JSON.parse(toJson(table))).toEqual(table)
    expect(toText(table)).toMatch(/^one-401 +fail +A call that is answered 401/m)
    const page = toMarkdown(table, [careless])
    expect(page).toContain('| A call that is answered 401 is sent again with a new token | **no** |')
    expect(page).toMatch(/make one refresh, and both succeed \| n\/a\[\^1\] \|$/m)
    expect(page).toContain('[^1]: It has no store that processes could share.')
    expect(page).toContain('| *holds, of what applies* | 1 of 2 |')
    expect(page).toMatch(/^- \*\*careless\*\* \(undici \d+\.\d+\.\d+\): as it is\.$/m)
    expect(page).toContain('- one-401: status: 401 in place of 200')
  })

  it('counts who hangs as failed, and goes on', async () => {
    const hanging: Library = {
      ...careless,
      open: async () => ({ send: () => new Promise(() => {}), close: async () => {} }),
    }
    const [oneCall] = cases
    const { result, reason } = oneCall ? await runCase(oneCall, hanging) : {}
    expect([result, reason]).toEqual(['fail', 'nothing came of it in 8 s'])
  })
})
