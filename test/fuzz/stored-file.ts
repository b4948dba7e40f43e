import { isDeepStrictEqual } from 'node:util'
import { isTokenError, type TokenRecord } from '@tokenflight/core'
import fc from 'fast-check'
import { createDocument } from '../../packages/store-file/src/document.ts'
import { canary, foreign, json, tokenRecord } from './arbitraries.ts'
import { expectNoSecret } from './secrets.ts'
import { holds, type Target } from './target.ts'

const names = fc.array(fc.constantFrom('profiles', 'work', 'a/b', '~'), { maxLength: 2 })
const indent = fc.constantFrom(undefined, 2, '\t')

/** What a file of ours becomes in other hands: cut off, with bytes changed, with some value replaced. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('byte' as const), at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('value' as const), at: fc.nat(), value: json }),
  fc.record({ kind: fc.constant('anything' as const), bytes: fc.uint8Array({ maxLength: 300 }) }),
)

export const storedFile: Target = {
  name: 'the credential file',
  property: fc.asyncProperty(
    foreign,
    names,
    indent,
    tokenRecord,
    damage,
    canary,
    async (root, pointer, space, record, harm, other) => {
      const document = createDocument('credentials.json', 'key', pointer)
      const around = pointer.length === 0 ? root : { ...root, profiles: { other } }
      const before = { bytes: encode(JSON.stringify(around, undefined, space)), writtenAt: 0 }
      let bytes: Uint8Array
      try {
        bytes = document.write(before, record)
      } catch (error) {
        // Where the pointer leads, or on the way, is something else.
        holds(isTokenError(error) && error.code === 'store_corrupt', `it threw ${String(error)}`)
        return
      }
      holds(
        isDeepStrictEqual(document.read({ bytes, writtenAt: 1 }).record, record),
        `${JSON.stringify(record)} came back as something else`,
      )
      const after = JSON.parse(decode(bytes))
      if (pointer.length > 0)
        for (const [name, value] of Object.entries(root))
          if (name !== pointer[0])
            holds(isDeepStrictEqual(Reflect.get(after, name), value), `${name} of another program is gone`)
      const removed = document.read({ bytes: document.write({ bytes, writtenAt: 1 }, undefined), writtenAt: 2 })
      holds(removed.record === undefined, 'a removed record is still there')
      holds(removed.version !== document.read(before).version, 'a version has come back')

      const damaged = applyDamage(bytes, harm)
      const secrets = [record.tokens?.accessToken, record.tokens?.refreshToken, other]
      let read: TokenRecord | undefined
      try {
        read = document.read({ bytes: damaged, writtenAt: 1 }).record
      } catch (error) {
        holds(isTokenError(error), `it threw ${String(error)}`)
        expectNoSecret(error, secrets)
        return
      }
      const whole = decode(damaged).trimEnd() === decode(bytes).trimEnd()
      if (harm.kind === 'cut') holds(whole, 'half of a file was taken for a whole one')
      // Tokens are taken together with what is said about them, or without it.
      const { tokens } = read ?? {}
      const changed =
        tokens?.accessToken !== record.tokens?.accessToken || tokens?.refreshToken !== record.tokens?.refreshToken
      holds(!(changed && read?.claim !== undefined), 'a claim on other tokens was believed')
    },
  ),
}

function applyDamage(bytes: Uint8Array, harm: typeof damage extends fc.Arbitrary<infer D> ? D : never): Uint8Array {
  switch (harm.kind) {
    case 'cut':
      return bytes.slice(0, harm.at % bytes.byteLength)
    case 'byte':
      return bytes.with(harm.at % bytes.byteLength, harm.byte)
    case 'value':
      return encode(JSON.stringify(withValue(JSON.parse(decode(bytes)), harm.at, harm.value)))
    case 'anything':
      return harm.bytes
  }
}

/** The same document with one of its values replaced, whichever comes `at` that place. */
export function withValue(root: unknown, at: number, value: unknown): unknown {
  let places = 0
  JSON.stringify(root, (_, each: unknown) => {
    places++
    return each
  })
  let place = 0
  const text = JSON.stringify(root, (_, each: unknown) =>
    place++ === 1 + (at % Math.max(1, places - 1)) ? value : each,
  )
  return JSON.parse(text)
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
