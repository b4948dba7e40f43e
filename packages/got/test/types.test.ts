import got, { type Got, type RequestPromise, type Response } from 'got'
import { describe, expectTypeOf, it } from 'vitest'
import { bearerContext, withBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

const tokens = twoTokens()
const origins = 'https://api.example.com'

describe('A12 the types', () => {
  it('give the same instance back, with what it was extended with', () => {
    expectTypeOf(withBearer(got, tokens, { origins })).toEqualTypeOf<typeof got>()
    const json = got.extend({ responseType: 'json', resolveBodyOnly: true })
    const ours = withBearer(json, tokens, { origins })
    expectTypeOf(ours).toEqualTypeOf(json)
    expectTypeOf(ours).toBeCallableWith('things')
    const call = (instance: typeof ours) => instance('things')
    expectTypeOf(call).returns.toEqualTypeOf<RequestPromise<unknown>>()
    expectTypeOf(withBearer(ours.extend({ prefixUrl: origins }), tokens)).toExtend<Got<{ responseType: 'json' }>>()
  })

  it('give isRejected the answer of got', () => {
    withBearer(got, tokens, {
      origins,
      isRejected(response) {
        expectTypeOf(response).toEqualTypeOf<Response>()
        return response.statusCode === 403
      },
    })
  })

  it('know the per-request options', () => {
    expectTypeOf(bearerContext).toBeCallableWith(false)
    expectTypeOf(bearerContext).toBeCallableWith({ replay: false })
    expectTypeOf(bearerContext).toBeCallableWith({ replayBody: () => new FormData() })
    expectTypeOf(bearerContext).toBeCallableWith({ replayBody: async () => 'text' })
    expectTypeOf(got.get).toBeCallableWith('things', { context: bearerContext(false) })
    // @ts-expect-error only false
    bearerContext(true)
    // @ts-expect-error a function
    bearerContext({ replayBody: 'text' })
  })
})
