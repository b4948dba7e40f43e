import { describe, expect, test } from 'vitest'
import { readOptions, UsageError } from './options.ts'

const read = (...args: string[]) => readOptions(args, () => 42)

describe('the options of a run', () => {
  test('have defaults, and a seed that is drawn', () => {
    expect(read()).toEqual({
      store: 'file',
      server: 'simulator',
      way: 'tokenflight',
      seconds: 30,
      seed: 42,
      processes: 6,
      threads: 1,
      callers: 4,
      graceMs: 0,
      json: false,
      help: false,
    })
  })

  test('are read', () => {
    const args =
      '--store file --seconds 5 --seed 7 --processes 3 --threads 2 --callers 9 --grace 500 --way naive --json'
    expect(read(...args.split(' '), '--history', 'out.jsonl')).toMatchObject({
      ...{ seconds: 5, seed: 7, processes: 3, threads: 2, callers: 9, graceMs: 500, way: 'naive', json: true },
      history: 'out.jsonl',
    })
  })

  test('name stores, servers and ways', () => {
    for (const store of ['file', 'redis', 'postgres']) expect(read('--store', store).store).toBe(store)
    expect(read('--server', 'oidc').server).toBe('oidc')
    for (const way of ['refresh-guard', '@badgateway/oauth2-client']) expect(read('--way', way).way).toBe(way)
  })

  test.for([
    ['--store memory', '--store memory: must be one of file, redis, postgres'],
    ['--server other', '--server other: must be one of simulator, oidc'],
    ['--way other', '--way other: must be one of tokenflight, naive'],
    ['--way naive --store redis', 'shares a file'],
    ['--way refresh-guard --server oidc', 'shares a file'],
    ['--server oidc --grace 500', 'oidc-provider has none'],
    ['--seconds 0', 'from 1 to'],
    ['--seconds ten', 'must be a whole number'],
    ['--seconds 1.5', 'must be a whole number'],
    ['--seed -1', '--seed'],
    ['--seed 4294967296', 'from 0 to 4294967295'],
    ['--processes 1', 'from 2 to 32'],
    ['--processes 33', 'from 2 to 32'],
    ['--threads 0', 'from 1 to 8'],
    ['--callers 101', 'from 1 to 100'],
    ['--grace x', '--grace'],
    ['--history=', 'name a file'],
    ['--speed 9', '--speed'],
    ['extra', 'extra'],
    ['--seconds', '--seconds'],
  ])('that are wrong are refused with a word on what is right: %s', ([line = '', message = '']) => {
    expect(() => read(...line.split(' '))).toThrow(UsageError)
    expect(() => read(...line.split(' '))).toThrow(message)
  })
})
