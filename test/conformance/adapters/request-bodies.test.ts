import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyKinds } from './bodies.ts'
import { adapters } from './fixtures/index.ts'
import { openScene, tokensSeen } from './scene.ts'

const bytes = randomBytes(100_000)
const directory = mkdtempSync(join(tmpdir(), 'tokenflight-bodies-'))
const file = join(directory, 'body.bin')
beforeAll(() => writeFileSync(file, bytes))
afterAll(() => rmSync(directory, { recursive: true }))

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

for (const fixture of adapters) {
  const supported = bodyKinds.filter(({ kind }) => !fixture.unsupportedBodies.includes(kind))

  describe(`A9 a body that can be sent twice, ${fixture.name}`, () => {
    it.each(supported.filter(({ oneShot }) => !oneShot || fixture.copiesBodies))(
      'arrives byte for byte in the replay: $kind',
      async ({ kind, make }) => {
        const { tokens, api, client } = await openScene(fixture)
        tokens.expire()
        const outcome = await client.send({ url: `${api.url}/`, method: 'POST', body: await make(bytes, file) })
        expect(outcome.status).toBe(200)
        const [first, second] = api.requests
        expect(tokensSeen(api)).toEqual(['token-1', 'token-2'])
        expect(second?.bodyLength).toBe(first?.bodyLength)
        expect(second?.bodyLength).toBeGreaterThan(0)
        // A multipart body has a new boundary each time, and its header says which.
        if (kind === 'FormData') expect(second?.headers['content-type']).toMatch(/^multipart\/form-data; *boundary=/)
        else expect(second?.bodySha256).toBe(first?.bodySha256)
        if (!['string', 'URLSearchParams', 'FormData'].includes(kind)) expect(second?.bodySha256).toBe(sha256(bytes))
      },
    )
  })

  describe(`A9 a one-shot body, ${fixture.name}`, () => {
    const oneShot = supported.filter((body) => body.oneShot)

    it.each(oneShot)('is sent again where replayBody makes it anew: $kind', async ({ make }) => {
      const { tokens, api, client } = await openScene(fixture)
      tokens.expire()
      const body = () => make(bytes, file)
      const outcome = await client.send({ url: `${api.url}/`, method: 'POST', body: await body(), replayBody: body })
      expect(outcome.status).toBe(200)
      expect(api.requests.map(({ bodySha256 }) => bodySha256)).toEqual([sha256(bytes), sha256(bytes)])
    })

    if (fixture.copiesBodies) return

    it.each(oneShot)(
      'is never sent twice: the caller has the original 401, and its own retry succeeds: $kind',
      async ({ make }) => {
        const { tokens, api, client } = await openScene(fixture)
        tokens.expire()
        const send = async () => client.send({ url: `${api.url}/`, method: 'POST', body: await make(bytes, file) })
        const refresh = tokens.holdRefresh()
        // It does not wait for the refresh that it starts.
        expect(await send()).toEqual({ status: 401, text: '{"error":"invalid_token"}' })
        await refresh.begun
        expect(api.requests).toHaveLength(1)
        refresh.release()
        expect((await send()).status).toBe(200)
        expect(api.requests.map(({ bodySha256 }) => bodySha256)).toEqual([sha256(bytes), sha256(bytes)])
        expect(tokens.refreshes).toBe(1)
      },
    )

    it('waits for a refresh that is known to be under way: it has one chance', async () => {
      const { tokens, api, client } = await openScene(fixture)
      tokens.expire()
      const [kind] = oneShot
      const send = async () => client.send({ url: `${api.url}/`, method: 'POST', body: await kind?.make(bytes, file) })
      const refresh = tokens.holdRefresh()
      expect((await send()).status).toBe(401)
      const retry = send()
      await refresh.begun
      refresh.release()
      expect((await retry).status).toBe(200)
      expect(tokensSeen(api)).toEqual(['token-1', 'token-2'])
    })

    it('does not tell its caller about a refresh that fails, and nobody is left unhandled', async () => {
      const failure = new Error('token endpoint down')
      const { tokens, api, client } = await openScene(fixture, { tokens: { failure } })
      tokens.expire()
      const [kind] = oneShot
      const outcome = await client.send({ url: `${api.url}/`, method: 'POST', body: await kind?.make(bytes, file) })
      expect(outcome.status).toBe(401)
      expect(tokens.refreshes).toBe(1)
    })
  })
}
