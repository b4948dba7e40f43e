import { systemTiming, type Timing } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { freeConnection } from '../src/free-connection.ts'
import { withBearer } from '../src/index.ts'
import { openApi, thrownBy, twoTokens } from './kit.ts'

/** A body that gives `sizes` chunk by chunk as it is read, then ends, or hangs. */
function bodyOf(sizes: number[], end: 'ends' | 'hangs' | 'breaks' = 'ends') {
  const state = { pulled: 0, cancelled: false }
  const chunks = [...sizes]
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const size = chunks.shift()
        state.pulled++
        if (size !== undefined) controller.enqueue(new Uint8Array(size))
        else if (end === 'ends') controller.close()
        else if (end === 'breaks') controller.error(new Error('other side closed'))
        else return new Promise(() => {})
      },
      cancel() {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { state, answer: new Response(stream, { status: 401 }) }
}

/** Time that stands until the test lets it pass. */
function heldTime() {
  let due: (() => void) | undefined
  const timing: Timing = {
    ...systemTiming,
    after(_, callback) {
      due = callback
      return () => {
        due = undefined
      }
    },
  }
  return { timing, pass: () => due?.(), running: () => due !== undefined }
}

const undecided = new Promise<boolean>(() => {})
const kibi = 1024
/** More than sockets buffer: the server sees whether somebody reads it. */
const beyondBuffers = 16 * kibi * kibi

describe('A6 freeing the connection of an answer', () => {
  it('reads a small one to its end, and leaves the answer unread and whole', async () => {
    const { answer, state } = bodyOf([30, 30])
    await freeConnection(answer, undecided)
    expect(answer.bodyUsed).toBe(false)
    expect((await answer.arrayBuffer()).byteLength).toBe(60)
    expect(state.cancelled).toBe(false)
  })

  it('reads up to 64 KiB', async () => {
    const { answer } = bodyOf([32 * kibi, 32 * kibi])
    await freeConnection(answer, undecided)
    expect((await answer.arrayBuffer()).byteLength).toBe(64 * kibi)
  })

  it('cancels a larger one', async () => {
    const { answer, state } = bodyOf(Array(20).fill(32 * kibi))
    await freeConnection(answer, undecided)
    expect(state.cancelled).toBe(true)
    // Three chunks tell that it is too large; streams read one ahead.
    expect(state.pulled).toBeLessThanOrEqual(4)
    expect(answer.bodyUsed).toBe(true)
  })

  it('cancels a slow one after its time', async () => {
    const { answer, state } = bodyOf([10], 'hangs')
    const time = heldTime()
    const freed = freeConnection(answer, undecided, time.timing)
    expect(time.running()).toBe(true)
    time.pass()
    await freed
    expect(state.cancelled).toBe(true)
  })

  it('takes no more than a second by the real clock', async () => {
    const { answer, state } = bodyOf([10], 'hangs')
    const before = performance.now()
    await freeConnection(answer, undecided)
    expect(performance.now() - before).toBeLessThan(5000)
    expect(state.cancelled).toBe(true)
  })

  it.each([
    ['large', () => bodyOf([65 * kibi, 65 * kibi])],
    ['slow', () => bodyOf([10], 'hangs')],
  ])('stops at once, and leaves the answer to the caller, when no replay will follow: a %s one', async (_, make) => {
    const { answer, state } = make()
    const time = heldTime()
    await freeConnection(answer, Promise.resolve(false), time.timing)
    expect(state.cancelled).toBe(false)
    expect(answer.bodyUsed).toBe(false)
    expect(time.running()).toBe(false)
    const reader = answer.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
  })

  it.each([
    ['a replay follows', () => Promise.resolve(true)],
    ['the refresh fails', () => Promise.reject(new Error('x'))],
  ])('goes on where %s', async (_, replay) => {
    const { answer, state } = bodyOf([65 * kibi, 1, 1])
    await freeConnection(answer, replay())
    expect(state.cancelled).toBe(true)
  })

  it('takes a body that breaks off for freed', async () => {
    const { answer } = bodyOf([10], 'breaks')
    const time = heldTime()
    await freeConnection(answer, undecided, time.timing)
    expect(time.running()).toBe(false)
  })

  it('has nothing to do with an answer without a body', async () => {
    const answer = new Response(null, { status: 401 })
    await freeConnection(answer, undecided)
    expect(answer.bodyUsed).toBe(false)
  })

  it('has nothing to do with a body that is no web stream', async () => {
    const answer = new Response()
    Object.defineProperty(answer, 'body', { value: { pipe() {} } })
    await freeConnection(answer, undecided)
    expect(answer.bodyUsed).toBe(false)
  })

  it('has nothing to do with a body that somebody reads already', async () => {
    const { answer, state } = bodyOf([10], 'hangs')
    answer.body?.getReader()
    await freeConnection(answer, undecided)
    expect(state.cancelled).toBe(false)
  })
})

describe('A6 the connection of a 401', () => {
  it.each([undefined, 60 * kibi])('is used again for the replay: a 401 of %s bytes', async (refusalBytes) => {
    const api = await openApi('b', { ...(refusalBytes && { refusalBytes }) })
    for (let round = 0; round < 10; round++) {
      const response = await withBearer(fetch, twoTokens(), { origins: api.url })(api.url)
      expect(response.status).toBe(200)
      await response.text()
    }
    expect(api.requests).toHaveLength(20)
    expect(new Set(api.requests.map(({ connection }) => connection)).size).toBeLessThanOrEqual(2)
  })

  it('does not stay open where the refresh fails: a 401 of 16 MiB', async () => {
    const api = await openApi('b', { refusalBytes: beyondBuffers })
    const failing = {
      async getAccessToken({ rejected }: { rejected?: string | undefined } = {}) {
        if (rejected) throw new Error('no refresh today')
        return { accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 }
      },
    }
    const bearerFetch = withBearer(fetch, failing, { origins: api.url })
    for (let round = 0; round < 3; round++) await thrownBy(bearerFetch(api.url))
    // A cancelled answer is lost to the server; one that nobody reads would stay in "decided" forever.
    await Promise.all(
      api.requests.map(({ number }) => api.waitFor((it) => it.number === number && it.phase === 'lost')),
    )
  })

  it('is given up where a refresh of its own brings the same token back: the caller has the 401, its large body is gone', async () => {
    const api = await openApi('b', { refusalBytes: beyondBuffers })
    const bearerFetch = withBearer(
      fetch,
      {
        async getAccessToken({ rejected } = {}) {
          // As a token endpoint on the same origin would: it answers after the 401's connection is free.
          if (rejected) await api.waitFor(({ phase }) => phase === 'lost')
          return { accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 }
        },
      },
      { origins: api.url },
    )
    const response = await bearerFetch(`${api.url}/x`)
    expect([response.status, response.url, response.bodyUsed]).toEqual([401, `${api.url}/x`, true])
    expect(api.requests).toHaveLength(1)
  })
})
