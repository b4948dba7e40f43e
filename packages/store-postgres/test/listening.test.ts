import { EventEmitter } from 'node:events'
import { createClock } from '@tokenflight/testing'
import { expect, test } from 'vitest'
import { createListeners } from '../src/listeners.ts'
import type { PgListener } from '../src/pg-listening.ts'

// What a connection may do to whoever listens on it, with the clock in the test's hand.

/** A Client of pg as far as listening goes. */
class FakeClient extends EventEmitter implements PgListener {
  readonly said: string[] = []
  refs = 1
  ended = 0
  answers = true
  readonly #connects: () => Promise<void>

  constructor(connects: () => Promise<void>) {
    super()
    this.#connects = connects
  }

  connect(): Promise<void> {
    return this.#connects()
  }

  async query(text: string): Promise<void> {
    this.said.push(text)
    if (!this.answers) await new Promise(() => {})
  }

  async end(): Promise<void> {
    this.ended++
    this.emit('end')
  }

  unref(): void {
    this.refs = 0
  }
}

function open(connects: () => Promise<void> = async () => {}) {
  const clock = createClock()
  const clients: FakeClient[] = []
  const listeners = createListeners(
    {
      open() {
        const client = new FakeClient(connects)
        clients.push(client)
        return client
      },
    },
    'channel "of ours"',
    { ...clock, random: () => 1 },
  )
  return { clock, clients, listeners }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('nobody connects before there is somebody to tell, and then one connection does for all', async () => {
  const { clients, listeners } = open()
  expect(clients).toHaveLength(0)
  for (let key = 0; key < 100; key++) listeners.add(`key ${key}`, () => {})
  await turn()
  expect(clients).toHaveLength(1)
  expect(clients[0]?.said).toEqual(['LISTEN "channel ""of ours"""'])
  expect(clients[0]?.refs).toBe(0)
})

test('a notice reaches those who watch that key, and a listener that throws silences nobody', async () => {
  const { clients, listeners } = open()
  await turn()
  const told: string[] = []
  const note = (name: string) => () => void told.push(name)
  listeners.add('a', () => {
    throw new Error('mistake')
  })
  const leave = listeners.add('a', note('a'))
  listeners.add('b', note('b'))
  await turn()
  told.length = 0
  const notify = (payload?: string, channel = 'channel "of ours"') =>
    clients[0]?.emit('notification', { channel, payload })
  notify('a')
  notify('b', 'channel of others')
  notify()
  notify('nobody')
  expect(told).toEqual(['a'])
  leave()
  leave()
  notify('a')
  expect(told).toEqual(['a'])
})

test('a connection that is lost is made again, later and later, and then everybody looks once', async () => {
  let fails = true
  const { clock, clients, listeners } = open(async () => {
    if (fails) throw new Error('refused')
  })
  let hints = 0
  listeners.add('key', () => void hints++)
  await turn()
  const pauses: number[] = []
  while (clients.length < 10) {
    const before = clients.length
    const since = clock.monotonic()
    while (clients.length === before) await clock.advance(125)
    pauses.push(clock.monotonic() - since)
    await turn()
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  expect(hints).toBe(0)
  fails = false
  await clock.advance(30_000)
  await turn()
  expect(hints).toBe(1)

  // Whatever says that it is gone says so once.
  const last = clients.at(-1)
  last?.emit('error', new Error('terminated'))
  last?.emit('end')
  last?.emit('error', new Error('terminated'))
  expect(last?.ended).toBe(1)
  const before = clients.length
  await clock.advance(250)
  await turn()
  expect(clients).toHaveLength(before + 1)
  expect(hints).toBe(2)
  last?.emit('notification', { channel: 'channel "of ours"', payload: 'key' })
  expect(hints).toBe(2)
})

test('a factory that throws is tried again', async () => {
  const clock = createClock()
  let calls = 0
  const listeners = createListeners(
    {
      open() {
        calls++
        throw new Error('no configuration yet')
      },
    },
    'channel',
    { ...clock, random: () => 1 },
  )
  listeners.add('key', () => {})
  await turn()
  await clock.advance(250)
  expect(calls).toBe(2)
  await listeners.close()
  await clock.advance(60_000)
  expect(calls).toBe(2)
})

test('a connection that died without a word is noticed by its silence', async () => {
  const { clock, clients, listeners } = open()
  listeners.add('key', () => {})
  await turn()
  await clock.advance(60_000)
  await turn()
  await clock.advance(60_000)
  expect(clients[0]?.said).toEqual(['LISTEN "channel ""of ours"""', 'SELECT 1', 'SELECT 1'])
  await turn()
  if (clients[0] !== undefined) clients[0].answers = false
  await clock.advance(60_000)
  await clock.advance(10_000)
  expect(clients[0]?.ended).toBe(1)
  await clock.advance(250)
  expect(clients).toHaveLength(2)
})

test('a connection that is never made is given up after a while, and tried again', async () => {
  const { clock, clients, listeners } = open(() => new Promise(() => {}))
  listeners.add('key', () => {})
  await turn()
  await clock.advance(10_000)
  await clock.advance(250)
  expect(clients).toHaveLength(2)
  expect(clients[0]?.ended).toBe(1)
})

test('after a gap a process with many keys looks at them little by little', async () => {
  const { clock, clients, listeners } = open()
  let hints = 0
  for (let key = 0; key < 120; key++) listeners.add(`key ${key}`, () => void hints++)
  await turn()
  const steps = [hints]
  for (let step = 0; step < 4; step++) {
    await clock.advance(100)
    steps.push(hints)
  }
  expect(steps).toEqual([50, 100, 120, 120, 120])
  expect(clients).toHaveLength(1)
})

test('close ends the connection, waits for nobody, and nothing is made or told after it', async () => {
  const { clock, clients, listeners } = open()
  let hints = 0
  listeners.add('key', () => void hints++)
  await turn()
  await listeners.close()
  await listeners.close()
  expect(clients[0]?.ended).toBe(1)
  const before = hints
  clients[0]?.emit('notification', { channel: 'channel "of ours"', payload: 'key' })
  listeners.add('key', () => void hints++)
  await clock.advance(300_000)
  expect([hints, clients.length]).toEqual([before, 1])

  const stuck = open(() => new Promise(() => {}))
  stuck.listeners.add('key', () => {})
  await turn()
  const [client] = stuck.clients
  if (client !== undefined) client.end = () => new Promise(() => {})
  const closing = stuck.listeners.close()
  await stuck.clock.advance(1000)
  await closing
})
