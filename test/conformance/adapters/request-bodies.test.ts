import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BodyKind, bodyKinds } from './bodies.ts'
import { adapters, can, type TransportedFixture } from './fixtures/index.ts'
import { openReceiver, type Receiver } from './receiver.ts'
import { openClient } from './scene.ts'
import { type ScriptedTokensOptions, scriptedTokens } from './scripted-tokens.ts'

const bytes = randomBytes(100_000)
const directory = mkdtempSync(join(tmpdir(), 'tokenflight-bodies-'))
const file = join(directory, 'body.bin')
beforeAll(() => writeFileSync(file, bytes))
afterAll(() => rmSync(directory, { recursive: true }))

/** A client whose token is refused, and an API that keeps the bodies. */
async function openScene(fixture: TransportedFixture, options?: ScriptedTokensOptions) {
  const tokens = scriptedTokens(options)
  const api = await openReceiver(tokens, fixture.transport)
  const client = openClient(fixture, tokens, { origins: api.url })
  tokens.expire()
  return { tokens, api, client, url: `${api.url}/` }
}

/** The tokens in the order of arrival, each with whether the body that came with it was whole. */
async function arrivals({ received }: Receiver, { isWhole }: BodyKind) {
  return Promise.all(received.map(async (request) => [request.token, await isWhole(request, bytes)]))
}

for (const fixture of adapters) {
  const supported = bodyKinds.filter(({ kind }) => can(fixture, `body: ${kind}`))
  const copiesBodies = can(fixture, 'copies one-shot bodies')

  describe(`A9 a body that can be sent twice, ${fixture.name}`, () => {
    it.each(supported.filter(({ oneShot }) => !oneShot || copiesBodies))(
      'arrives byte for byte in the replay: $kind',
      async (kind) => {
        const { api, client, url } = await openScene(fixture)
        const outcome = await client.send({ url, method: 'POST', body: await kind.make(bytes, file) })
        expect(outcome.status).toBe(200)
        expect(await arrivals(api, kind)).toEqual([
          ['token-1', true],
          ['token-2', true],
        ])
      },
    )
  })

  describe(`A9 a one-shot body, ${fixture.name}`, () => {
    const oneShot = supported.filter((body) => body.oneShot)

    it.each(oneShot)('is sent again where replayBody makes it anew: $kind', async (kind) => {
      const { api, client, url } = await openScene(fixture)
      const body = () => kind.make(bytes, file)
      const outcome = await client.send({ url, method: 'POST', body: await body(), replayBody: body })
      expect(outcome.status).toBe(200)
      expect(await arrivals(api, kind)).toEqual([
        ['token-1', true],
        ['token-2', true],
      ])
    })

    if (copiesBodies) return

    it.each(oneShot)(
      'is never sent twice: the caller has the original 401, and its own retry succeeds: $kind',
      async (kind) => {
        const { tokens, api, client, url } = await openScene(fixture)
        const send = async () => client.send({ url, method: 'POST', body: await kind.make(bytes, file) })
        const refresh = tokens.holdRefresh()
        // It does not wait for the refresh that it starts.
        expect(await send()).toEqual({ status: 401, text: 'refused' })
        await refresh.begun
        expect(api.received).toHaveLength(1)
        refresh.release()
        expect((await send()).status).toBe(200)
        expect(await arrivals(api, kind)).toEqual([
          ['token-1', true],
          ['token-2', true],
        ])
        expect(tokens.refreshes).toBe(1)
      },
    )

    it('waits for a refresh that is known to be under way: it has one chance', async () => {
      const { tokens, api, client, url } = await openScene(fixture)
      const [kind] = oneShot
      const send = async () => client.send({ url, method: 'POST', body: await kind?.make(bytes, file) })
      const refresh = tokens.holdRefresh()
      expect((await send()).status).toBe(401)
      const retry = send()
      await refresh.begun
      refresh.release()
      expect((await retry).status).toBe(200)
      expect(api.received.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
    })

    it('does not tell its caller about a refresh that fails, and nobody is left unhandled', async () => {
      const failure = new Error('token endpoint down')
      const { tokens, client, url } = await openScene(fixture, { failure })
      const [kind] = oneShot
      const outcome = await client.send({ url, method: 'POST', body: await kind?.make(bytes, file) })
      expect(outcome.status).toBe(401)
      expect(tokens.refreshes).toBe(1)
    })
  })
}
