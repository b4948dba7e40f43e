import ky, { type KyInstance, type Options } from 'ky'
import { describe, expectTypeOf, it } from 'vitest'
import { type BearerRequestOptions, withBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

const tokens = twoTokens()
const origins = 'https://api.example.com'

describe('A12 the types', () => {
  it('give a ky instance back', () => {
    expectTypeOf(withBearer(ky, tokens, { origins })).toEqualTypeOf<KyInstance>()
    expectTypeOf(withBearer(ky.create({ baseUrl: origins }), tokens)).toEqualTypeOf<KyInstance>()
  })

  it('give isRejected the answer', () => {
    withBearer(ky, tokens, {
      origins,
      isRejected(response) {
        expectTypeOf(response).toEqualTypeOf<Response>()
        return response.status === 403
      },
    })
  })

  it('know the per-request options, in ky and in what it makes', () => {
    expectTypeOf<Options['bearer']>().toEqualTypeOf<false | BearerRequestOptions | undefined>()
    expectTypeOf(ky.get).toBeCallableWith('things', { bearer: false })
    expectTypeOf(ky.create).toBeCallableWith({ bearer: { replay: false } })
    expectTypeOf(ky.post).toBeCallableWith('things', { bearer: { replayBody: async () => new FormData() } })
    expectTypeOf<{ bearer: true }>().not.toExtend<Options>()
    expectTypeOf<{ bearer: { replayBody: string } }>().not.toExtend<Options>()
  })
})
