import { redisStore } from '@tokenflight/store-redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'

describe('redisStore refuses at once, and names the option', () => {
  // Never connected: nothing of this needs a server.
  const client = createClient()

  test.for([
    ['prefix', { prefix: '' }],
    ['prefix', { prefix: 'half a pair \ud800' }],
    ['hints', { hints: 'no' }],
    ['idleExpiry', { idleExpiry: 59_999 }],
    ['idleExpiry', { idleExpiry: 0 }],
    ['idleExpiry', { idleExpiry: Number.POSITIVE_INFINITY }],
    ['timeout', { timeout: 0 }],
    ['waitForReplicas.count', { waitForReplicas: { count: 0, timeout: 1 } }],
    ['waitForReplicas.timeout', { waitForReplicas: { count: 1, timeout: 0 } }],
  ])('%s: %j', ([name, options]) => {
    expect(() => redisStore(client, options as object)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(`\`${name}\``) }),
    )
  })

  test.for([undefined, null, {}, 'redis://127.0.0.1', { sendCommand: true }])('a client that is none: %j', (other) => {
    expect(() => redisStore(other as never)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('createClient') }),
    )
  })

  test('what a client makes, and is none', () => {
    const other = new Redis({ lazyConnect: true })
    for (const made of [other.pipeline(), other.multi(), client.multi(), client.legacy()])
      expect(() => redisStore(made as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })

  test('a key that two texts would share', async () => {
    await expect(redisStore(client).read('half a pair \udc00')).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('`key`'),
    })
  })
})

test('without hints there is no watch', () => {
  const client = new Redis({ lazyConnect: true })
  expect(redisStore(client, { hints: false }).watch).toBeUndefined()
  expect(redisStore(client).watch).toBeTypeOf('function')
})
