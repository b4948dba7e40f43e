import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { isReplayable } from '../src/replayable.ts'

describe('A9 a body', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', ''],
    ['a number', 1],
    ['bytes', new Uint8Array(2)],
    ['a Buffer', Buffer.from('x')],
    ['a DataView', new DataView(new ArrayBuffer(1))],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a Blob', new Blob(['x'])],
    ['a File', new File(['x'], 'x')],
    ['URLSearchParams', new URLSearchParams('a=b')],
    ['native FormData', new FormData()],
    ['plain data', { next: 'page', pipe: 1, getReader: null }],
    ['data without a prototype', Object.create(null)],
    ['an array', [Buffer.from('x')]],
    ['a Date', new Date(0)],
  ])('can be sent twice: %s', (_, body) => {
    expect(isReplayable(body)).toBe(true)
  })

  it.each<[string, () => unknown]>([
    ['a Node stream', () => Readable.from(['x'])],
    ['a file stream', () => createReadStream(import.meta.filename)],
    ['a web stream', () => new Blob(['x']).stream()],
    ['an async generator', () => (async function* () {})()],
    ['a generator', () => (function* () {})()],
    ['an iterator', () => [1].values()],
    ['an async iterable', () => ({ [Symbol.asyncIterator]: () => ({}) })],
    // The `form-data` package calls itself FormData, and is a stream.
    ['a stream that calls itself FormData', () => ({ [Symbol.toStringTag]: 'FormData', append() {}, pipe() {} })],
    ['an old stream', () => Object.assign(() => {}, { pipe() {} })],
  ])('cannot be sent twice: %s', (_, make) => {
    expect(isReplayable(make())).toBe(false)
  })
})
