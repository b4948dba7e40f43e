import { describe, expect, test } from 'vitest'
import { hasRedis, record, server, set, storeOn } from './place.ts'

const day = 86_400_000

describe.skipIf(!hasRedis)('what a version is good for', () => {
  test('a deleted record leaves nothing but versions behind, and those for a day', async () => {
    const { store, command, name } = await storeOn(await server())
    await set(store, record('a'))
    const { before, version } = await set(store, undefined)
    expect(await command('HGETALL', name)).toEqual({ version, before: `${before} ` })
    expect(Number(await command('PTTL', name))).toBeGreaterThan(day - 60_000)
    expect(Number(await command('PTTL', name))).toBeLessThanOrEqual(day)
  })

  test('a record that comes after a deleted one stays for ever', async () => {
    const { store, command, name } = await storeOn(await server())
    await set(store, record('a'))
    await set(store, undefined)
    await set(store, record('b'))
    expect(await command('PTTL', name)).toBe(-1)
  })

  test('whoever has seen nothing there may create it, but not half a day later: a record may have come and gone', async () => {
    const { store } = await storeOn(await server())
    const { version } = await store.read('default')
    const [, looked = ''] = /^absent-(\d+)$/.exec(version) ?? []
    const before = (ms: number): string => `absent-${Number(looked) - ms}`
    expect(await store.compareAndSet('default', before(day / 2), record('late'))).toEqual({ ok: false })
    // The clock of the server was wrong, and was set back.
    expect(await store.compareAndSet('default', before(-day / 2 - 60_000), record('early'))).toEqual({ ok: false })
    expect(await store.compareAndSet('default', before(day / 2 - 60_000), record('in time'))).toMatchObject({
      ok: true,
    })
  })

  test('and where records expire, not after half of that', async () => {
    const { store } = await storeOn(await server(), { idleExpiry: 120_000 })
    const { version } = await store.read('default')
    const before = (ms: number): string => `absent-${Number(version.slice('absent-'.length)) - ms}`
    expect(await store.compareAndSet('default', before(60_000), record('late'))).toEqual({ ok: false })
    expect(await store.compareAndSet('default', before(30_000), record('in time'))).toMatchObject({ ok: true })
  })

  test('after all data were removed no version from before is current, though the content is the same', async () => {
    const { store, command } = await storeOn(await server())
    const { version } = await set(store, record('same'))
    await command('FLUSHALL')
    expect((await store.read('default')).record).toBeUndefined()
    expect(await store.compareAndSet('default', version, record('old'))).toEqual({ ok: false })
    await set(store, record('same'))
    expect(await store.compareAndSet('default', version, record('old'))).toEqual({ ok: false })
    expect((await store.read('default')).record).toEqual(record('same'))
  })

  test('a restored backup brings its version back with it: whoever has read anything since is refused', async () => {
    const { store, command, name } = await storeOn(await server())
    await set(store, record('backed up'))
    await command('COPY', name, `${name}.backup`)
    const { version } = await set(store, record('later'))
    await command('COPY', `${name}.backup`, name, 'REPLACE')
    expect(await store.compareAndSet('default', version, record('on top of later'))).toEqual({ ok: false })
    expect((await store.read('default')).record).toEqual(record('backed up'))
  })
})

describe.skipIf(!hasRedis)('idleExpiry', () => {
  test('counts from the last read or write, and removes all of it', async () => {
    const { store, command, name } = await storeOn(await server(), { idleExpiry: 600_000 })
    await set(store, record('a'))
    const left = async (): Promise<number> => Number(await command('PTTL', name))
    expect(await left()).toBeGreaterThan(590_000)
    await command('PEXPIRE', name, '10000')
    await store.read('default')
    expect(await left()).toBeGreaterThan(590_000)
    await command('PEXPIRE', name, '10000')
    await set(store, record('b'))
    expect(await left()).toBeGreaterThan(590_000)
    await command('PEXPIRE', name, '0')
    expect((await store.read('default')).record).toBeUndefined()
    expect(await command('KEYS', '*')).toEqual([])
  })

  test('does not keep what was deleted any longer', async () => {
    const { store, command, name } = await storeOn(await server(), { idleExpiry: 30 * day })
    await set(store, record('a'))
    await set(store, undefined)
    await store.read('default')
    expect(Number(await command('PTTL', name))).toBeLessThanOrEqual(day)
  })

  test('unless it is asked for nothing expires, whatever is read', async () => {
    const { store, command, name } = await storeOn(await server())
    await set(store, record('a'))
    await store.read('default')
    expect(await command('PTTL', name)).toBe(-1)
  })
})

test.skipIf(!hasRedis)("the age of a record is by the server's clock", async () => {
  const { store, command, name } = await storeOn(await server())
  expect(await store.read('default')).not.toHaveProperty('age')
  await set(store, record('a'))
  const writtenAt = Number(await command('HGET', name, 'writtenAt'))
  await command('HSET', name, 'writtenAt', String(writtenAt - 3_600_000))
  const { age = 0 } = await store.read('default')
  expect(age).toBeGreaterThanOrEqual(3_600_000)
  expect(age).toBeLessThan(3_660_000)
})
