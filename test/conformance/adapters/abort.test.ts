import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, statuses, tokensSeen } from './scene.ts'

const pending = Symbol('pending')

describe.each(adapters)('F6 the abort of one caller, $name', (fixture) => {
  /** Starts a call; its outcome, with errors as values. */
  function start(scene: Awaited<ReturnType<typeof openScene>>, path = '/') {
    const controller = new AbortController()
    const reason = new Error('the caller left')
    const settled = scene.client.send({ url: scene.api.url + path, signal: controller.signal }).then(
      (outcome) => outcome,
      (error: unknown) => (fixture.isAbort(error, reason) ? 'aborted' : error),
    )
    return { abort: () => controller.abort(reason), settled }
  }

  it('before the call rejects it without asking for a token', async () => {
    const { tokens, api, client } = await openScene(fixture)
    const reason = new Error('the caller left')
    const call = client.send({ url: `${api.url}/`, signal: AbortSignal.abort(reason) })
    await expect(call.catch((error: unknown) => fixture.isAbort(error, reason))).resolves.toBe(true)
    expect(tokens.asked).toEqual([])
    expect(api.requests).toHaveLength(0)
  })

  it('while it waits for the token ends its wait, and sends nothing', async () => {
    const scene = await openScene(fixture)
    const answer = scene.tokens.holdAnswer()
    const call = start(scene)
    await answer.begun
    call.abort()
    expect(await call.settled).toBe('aborted')
    answer.release()
    expect((await scene.client.send({ url: `${scene.api.url}/other` })).status).toBe(200)
    expect(scene.api.requests.map(({ url }) => url)).toEqual(['/other'])
  })

  it('while its request is on the way rejects it, and refreshes nothing', async () => {
    const scene = await openScene(fixture)
    scene.tokens.expire()
    const held = scene.api.hold('before')
    const call = start(scene)
    await held.arrived
    call.abort()
    expect(await call.settled).toBe('aborted')
    held.release()
    expect(scene.tokens.refreshes).toBe(0)
  })

  it('while it waits for the refresh ends its own wait only: the others get the new token, and it replays nothing', async () => {
    const scene = await openScene(fixture)
    scene.tokens.expire()
    const refresh = scene.tokens.holdRefresh()
    const calls = ['/leaver', '/a', '/b'].map((path) => start(scene, path))
    const [leaver, ...others] = calls
    await refresh.begun
    await Promise.all(
      ['/leaver', '/a', '/b'].map((path) => scene.api.waitFor(({ url, status }) => url === path && status === 401)),
    )
    leaver?.abort()
    expect(await leaver?.settled).toBe('aborted')
    expect(await Promise.race([...others.map(({ settled }) => settled), Promise.resolve(pending)])).toBe(pending)
    refresh.release()
    const outcomes = await Promise.all(others.map(({ settled }) => settled))
    expect(statuses(outcomes as { status: number }[])).toEqual([200, 200])
    expect(scene.tokens.refreshes).toBe(1)
    expect(scene.api.requests.filter(({ url }) => url === '/leaver')).toHaveLength(1)
  })

  it('by the only one who waits does not end the refresh: the next request has the new token', async () => {
    const scene = await openScene(fixture)
    scene.tokens.expire()
    const refresh = scene.tokens.holdRefresh()
    const call = start(scene)
    await refresh.begun
    call.abort()
    expect(await call.settled).toBe('aborted')
    refresh.release()
    expect((await scene.client.send({ url: `${scene.api.url}/next` })).status).toBe(200)
    expect(scene.tokens.refreshes).toBe(1)
  })

  it('during the replay rejects it', async () => {
    const scene = await openScene(fixture)
    scene.tokens.expire()
    const held = scene.api.hold('before', { nth: 2 })
    const call = start(scene)
    await held.arrived
    call.abort()
    expect(await call.settled).toBe('aborted')
    held.release()
    expect(tokensSeen(scene.api)).toEqual(['token-1', 'token-2'])
  })

  it('by a timeout signal is told as the timeout it is', async () => {
    const scene = await openScene(fixture)
    const answer = scene.tokens.holdAnswer()
    const signal = AbortSignal.timeout(20)
    const call = scene.client.send({ url: `${scene.api.url}/`, signal })
    const error = await call.catch((thrown: unknown) => thrown)
    expect(fixture.isAbort(error, signal.reason)).toBe(true)
    answer.release()
  })
})
