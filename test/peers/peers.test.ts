import { describe, expect, it } from 'vitest'
import { cases } from './cases/index.ts'
import { libraries, own } from './libraries/index.ts'
import type { Library } from './library.ts'
import { toJson, toMarkdown, toText } from './report.ts'
import { runCase, runTable } from './run.ts'

const claimed = cases.filter(({ declined }) => declined === undefined)

describe.each(own)('$name holds what the table claims', (library) => {
  it.each(claimed)('$id $title', async (peerCase) => {
    const { result, reason } = await runCase(peerCase, library)
    expect(reason).toBeUndefined()
    expect(result).not.toBe('fail')
  })
})

/** Sends everything as it is, with the token of the sign-in. */
const careless: Library = {
  name: 'careless',
  packages: ['undici'],
  features: ['client', 'retry'],
  open: async ({ tokens }) => ({
    send: ({ url, method = 'GET' }) =>
      fetch(url, { method, headers: { authorization: `Bearer ${tokens?.access_token}` } }),
    close: async () => {},
  }),
}

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
      ['S2', { careless: 'n/a' }, {}],
    ])
    expect(Object.keys(table.versions)).toEqual(['undici'])
    expect(JSON.parse(toJson(table))).toEqual(table)
    expect(toText(table)).toMatch(/^one-401 +fail +A call that is answered 401/m)
    expect(toMarkdown(table)).toContain('| A call that is answered 401 is sent again with a new token | **no** |')
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
