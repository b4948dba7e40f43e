import { systemTiming, type TokenErrorCode } from '@tokenflight/core'
import { type FileStoreOptions, fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'

const refused = (name: string): { code: TokenErrorCode; message: unknown } => ({
  code: 'invalid_option',
  message: expect.stringContaining(name),
})

describe('options', () => {
  test.for<[string, unknown]>([
    ['directory', 'yes'],
    ['fsync', 1],
    ['mutexTimeout', 0],
    ['mutexTimeout', Number.NaN],
    ['mutexTimeout', '2000'],
    ['pointer', 7],
    ['pointer', 'tokens'],
    ['pointer', '/a~2'],
  ])('`%s` cannot be %j, and the error names it', ([name, value]) => {
    const options = { [name]: value } as FileStoreOptions
    expect(() => fileStore('x', options)).toThrow(expect.objectContaining(refused(`\`${name}\``)))
  })

  test.for(['', 'a\0b', new URL('https://example.com/x'), 'file://elsewhere/x'])('%j is no path', (path) => {
    expect(() => fileStore(path)).toThrow(expect.objectContaining(refused('path')))
  })

  test.for([undefined, null, 7, {}])('neither is %j', (path) => {
    expect(() => fileStore(path as unknown as string)).toThrow(expect.objectContaining(refused('path')))
  })

  test('what is left out has its default', () => {
    for (const options of [
      {},
      { directory: false, pointer: '', fsync: true, mutexTimeout: 2000, operations: {}, timing: systemTiming },
    ])
      expect(fileStore('x', options).path).toMatch(/x$/)
  })
})
