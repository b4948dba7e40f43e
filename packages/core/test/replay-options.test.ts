import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { renewBody } from '../src/replay-options.ts'

describe('A9 the body that replayBody makes', () => {
  it.each([['text'], [null], [Readable.from(['x'])], [new Blob(['x']).stream()]])(
    'is what it gave: %o',
    async (body) => {
      expect(await renewBody(() => body)).toBe(body)
      expect(await renewBody(async () => body)).toBe(body)
    },
  )

  it('is refused where it is none, or a stream that was read: the replay would be empty', async () => {
    const stream = Readable.from(['x'])
    await stream.toArray()
    const web = new Blob(['x']).stream()
    await web.getReader().read()
    for (const [body, words] of [
      [undefined, /returned no body/],
      [stream, /read already/],
      [web, /read already/],
    ] as const) {
      await expect(renewBody(() => body)).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringMatching(words),
      })
    }
  })
})
