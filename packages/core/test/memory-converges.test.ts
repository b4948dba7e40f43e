import { type Clock, createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import {
  createTokenManager,
  defineGrant,
  forScope,
  memoryStore,
  type TokenManager,
  type TokenSource,
  type TokenStore,
} from '../src/index.ts'
import { upkeepOf } from '../src/upkeep.ts'
import { strictServer } from './kit.ts'

/** Up to so many milliseconds; often none. */
async function pause({ random, after }: Clock, most = 40): Promise<void> {
  if (random() < 0.7) await new Promise<void>((resolve) => void after(random() * most, resolve))
}

/** One process's connection to the store: requests, answers and hints are each as late as they happen to be, and some are lost. */
function connect(direct: TokenStore, clock: Clock, faulty: () => boolean): TokenStore {
  const slowly = async <T>(operation: () => Promise<T>): Promise<T> => {
    await pause(clock)
    if (faulty()) throw new Error('not sent')
    const answer = await operation()
    await pause(clock)
    if (faulty()) throw new Error('the reply was lost')
    return answer
  }
  return {
    ...direct,
    read: (key) => slowly(() => direct.read(key)),
    compareAndSet: (...change) => slowly(() => direct.compareAndSet(...change)),
    watch: (key, listener) => direct.watch?.(key, () => void pause(clock).then(listener)) ?? (() => {}),
  }
}

/** Three processes, each doing something now and then, until all is quiet. Not a moment longer: what is in memory is still good. */
async function history(seed: number) {
  const clock = createClock({ seed })
  const { random } = clock
  const server = strictServer(clock)
  const direct = memoryStore()
  const failing = random() < 0.5 ? 0.05 : 0
  let calm = false
  const faulty = () => !calm && random() < failing
  const grant = defineGrant(async (request) => {
    await pause(clock)
    const answer = await server.grant(request)
    await pause(clock)
    return answer
  })
  const managers = Array.from({ length: 3 }, () =>
    createTokenManager({
      store: connect(direct, clock, faulty),
      grant,
      timing: clock,
      coolDown: 0,
      keepTimeout: 50,
      softWindow: random() < 0.5 ? false : [0.3, 0.6],
    }),
  )
  const closed = new Set<TokenManager>()
  let rejected: string | undefined
  const ask = async (tokens: TokenSource, options: Parameters<TokenSource['getAccessToken']>[0]) => {
    rejected = (await tokens.getAccessToken(options)).accessToken
  }
  const act = (tokens: TokenManager): Promise<unknown> => {
    const source = random() < 0.3 ? forScope(tokens, 'x') : tokens
    const what = random()
    if (what < 0.5) return ask(source, random() < 0.5 ? { rejected } : { signal: new AbortController().signal })
    if (what < 0.65) return source.renew()
    if (what < 0.85) return tokens.setTokens(server.signIn())
    if (what < 0.97) return tokens.clearTokens()
    closed.add(tokens)
    return tokens.close()
  }
  const under: Promise<unknown>[] = []
  for (let steps = 5 + random() * 25; steps > 0; steps--) {
    const tokens = managers[Math.floor(random() * managers.length)]
    if (tokens !== undefined) under.push(Promise.allSettled([act(tokens)]))
    await clock.advance(random() < 0.1 ? 1_500_000 : random() * 60)
  }
  calm = true
  let quiet = false
  void Promise.all(under).then(() => {
    quiet = true
  })
  while (!quiet && (await clock.next()));
  await clock.advance(3_000)

  const record = (await direct.read('default')).record
  const stored = [record?.tokens?.accessToken, record?.audiences?.['scope=x']?.tokens.accessToken]
  const wrong: string[] = quiet ? [] : [`seed ${seed}: somebody waits for ever`]
  for (const tokens of managers) {
    for (const [n, source] of [tokens, forScope(tokens, 'x')].entries()) {
      const held = upkeepOf(source)?.ready(source)?.accessToken
      const allowed = closed.has(tokens) ? [undefined] : [undefined, stored[n]]
      if (!allowed.includes(held)) wrong.push(`seed ${seed}: ${held} in memory, ${allowed} in the store`)
    }
  }
  const closing = Promise.all(managers.map((tokens) => tokens.close()))
  while (await clock.next());
  await closing
  return wrong
}

describe('I2 what memory holds follows the store', () => {
  const sentence =
    'in whatever order requests, answers and hints arrive: when all is quiet it is what is stored, or nothing'
  // A turn of the event loop takes twenty times as long in a browser.
  const seeds = 'window' in globalThis ? 50 : 400
  test(sentence, { timeout: 120_000 }, async () => {
    const wrong: string[] = []
    for (let seed = 1; seed <= seeds; seed++) wrong.push(...(await history(seed)))
    expect(wrong).toEqual([])
  })
})
