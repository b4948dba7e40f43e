import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyKinds } from './bodies.ts'
import { can, fixtures, over } from './fixtures/index.ts'
import { openReceiver } from './receiver.ts'
import { openApi, openClient } from './scene.ts'
import { scriptedTokens } from './scripted-tokens.ts'

const bytes = randomBytes(1000)
const directory = mkdtempSync(join(tmpdir(), 'tokenflight-limits-'))
const file = join(directory, 'body.bin')
beforeAll(() => writeFileSync(file, bytes))
afterAll(() => rmSync(directory, { recursive: true }))

// What is asked of nobody must be what nobody could do: a limit that the client no longer has is to be taken out of its fixture.
// The requests opt out, so that none of it is our doing.
describe.each(fixtures)('A9 the limits of $name are its own', (fixture) => {
  const bodies = bodyKinds.filter(({ kind }) => !can(fixture, `body: ${kind}`))

  it.each(bodies)('a body does not arrive whole, token or no token: $kind', async ({ make, isWhole }) => {
    const api = await openReceiver(undefined, 'http')
    const client = openClient(fixture, scriptedTokens(), { origins: api.url })
    const body = await make(bytes, file)
    const outcome = await client
      .send({ url: `${api.url}/`, method: 'POST', body, optOut: true })
      .catch((error: unknown) => error)
    const [received] = api.received
    const arrived = received !== undefined && (await isWhole(received, bytes))
    expect(outcome instanceof Error || !arrived).toBe(true)
  })
})

describe.each(fixtures.filter((fixture) => !can(fixture, 'HTTP/2')))(
  'A9 the limits of $name are its own',
  (fixture) => {
    it('an API that speaks HTTP/2 only hears nothing of it', async () => {
      const api = await openApi({ protection: 'none' }, 'h2')
      const client = openClient(over('h2', fixture), scriptedTokens(), { origins: api.url })
      await client.send({ url: `${api.url}/`, optOut: true }).catch(() => {})
      expect(api.requests).toEqual([])
    })
  },
)
