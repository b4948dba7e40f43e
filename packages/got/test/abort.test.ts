import { getEventListeners } from 'node:events'
import type { AccessToken, TokenSource } from '@tokenflight/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withBearer } from '../src/index.ts'
import { openApi, thrownBy, twoTokens, versions } from './kit.ts'

/** A source whose answer to one question is in the test's hand. */
function heldTokens(which: 'first' | 'refresh') {
  let release: () => void = () => {}
  let begin: () => void = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const source = {
    async getAccessToken({ rejected }: { rejected?: string | undefined } = {}): Promise<AccessToken> {
      if ((rejected === undefined) === (which === 'first')) {
        begin()
        await released
      }
      return { accessToken: rejected === undefined ? 'a' : 'b', tokenType: 'Bearer', obtainedAt: 0 }
    },
  }
  return { source, begun, release: () => release() }
}

describe.each(versions)('F6 abort and time-outs, $version', ({ got }) => {
  it.each(['first', 'refresh'] as const)(
    'beforeError and calculateDelay hear of the abort as got tells it, not of our wait that it ended: %s',
    async (which) => {
      const api = await openApi()
      const { source, begun, release } = heldTokens(which)
      const seen: unknown[] = []
      const controller = new AbortController()
      const ours = withBearer(got, source, { origins: api.url }).extend({
        hooks: {
          beforeError: [
            (error) => {
              seen.push(error.name)
              return error
            },
          ],
        },
        retry: {
          calculateDelay({ error }) {
            seen.push(error.name)
            return 0
          },
        },
      })
      const call = thrownBy(ours(api.url, { signal: controller.signal }))
      await begun
      controller.abort(new Error('left'))
      expect(await call).toMatchObject({ name: 'AbortError', code: 'ERR_ABORTED' })
      release()
      expect(seen.filter((name) => name !== 'AbortError')).toEqual([])
    },
  )

  it('the source is told the signal of the caller, at every question', async () => {
    const api = await openApi()
    const told: unknown[] = []
    const tokens = twoTokens()
    const source: TokenSource = {
      getAccessToken(options) {
        told.push(options?.signal)
        return tokens.getAccessToken(options)
      },
    }
    const { signal } = new AbortController()
    await withBearer(got, source, { origins: api.url })(api.url, { signal })
    expect(told).toEqual([signal, signal])
  })

  it.each(['first', 'refresh'] as const)('waiting for a token does not count toward got.timeout: %s', async (which) => {
    const api = await openApi(which === 'first' ? 'a' : 'b')
    const { source, begun, release } = heldTokens(which)
    // Longer than a request takes on a busy machine.
    const budget = 2_000
    const ours = withBearer(got, source, { origins: api.url })
    const call = ours(api.url, { timeout: { request: budget }, retry: { limit: 0 } })
    await begun
    // The budget must really pass: got's clock is the system's.
    await new Promise((resolve) => setTimeout(resolve, 1.5 * budget))
    release()
    expect((await call).statusCode).toBe(200)
  })

  it('200 calls that share one signal leave no warning and no listener behind', async () => {
    const api = await openApi()
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    onTestFinished(() => void process.off('warning', listen))
    const { signal } = new AbortController()
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    const calls = Array.from({ length: 200 }, () => ours(api.url, { signal }))
    expect((await Promise.all(calls)).every(({ statusCode }) => statusCode === 200)).toBe(true)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warnings).toEqual([])
  })
})
