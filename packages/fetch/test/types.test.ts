import { describe, expectTypeOf, it } from 'vitest'
import { type BearerFetch, type BearerRequestInit, installBearer, withBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

const tokens = twoTokens()
const origins = 'https://api.example.com'

/** A fetch of another make, with classes of its own. */
class OwnRequest {
  readonly mine = 1
}
class OwnResponse {
  readonly status = 200
  readonly mine = 2
}
async function ownFetch(
  _input: string | OwnRequest,
  _init?: { method?: string; dispatcher?: object },
): Promise<OwnResponse> {
  return new OwnResponse()
}

describe('A12 the types', () => {
  it('give a fetch back that fits wherever a fetch is asked for', () => {
    const bearerFetch = withBearer(fetch, tokens, { origins })
    expectTypeOf(bearerFetch).toExtend<typeof globalThis.fetch>()
    expectTypeOf(bearerFetch).toExtend<(input: string | URL | Request, init?: RequestInit) => Promise<Response>>()
    expectTypeOf(withBearer((input, init) => fetch(input, init), tokens, { origins })).toExtend<BearerFetch>()
    expectTypeOf(withBearer(bearerFetch, tokens, { origins })).toExtend<typeof globalThis.fetch>()
    expectTypeOf(installBearer(globalThis, tokens, { origins })).toEqualTypeOf<() => void>()
  })

  it('know the per-request options', () => {
    expectTypeOf<{ bearer: false }>().toExtend<BearerRequestInit>()
    expectTypeOf<{ bearer: { replayBody: () => string } }>().toExtend<BearerRequestInit>()
    expectTypeOf<{ bearer: { replayBody: () => Promise<FormData>; replay: false } }>().toExtend<BearerRequestInit>()
    expectTypeOf<{ bearer: true }>().not.toExtend<BearerRequestInit>()
    expectTypeOf<{ bearer: { replayBody: string } }>().not.toExtend<BearerRequestInit>()
  })

  it('ask for origins', () => {
    // @ts-expect-error fetch has no base URL to take them from
    const noOrigins = () => withBearer(fetch, tokens, {})
    // @ts-expect-error the same
    const noOptions = () => withBearer(fetch, tokens)
    expectTypeOf(noOrigins).toBeFunction()
    expectTypeOf(noOptions).toBeFunction()
  })

  it('keep the classes of a fetch of another make', () => {
    const own = withBearer(ownFetch, tokens, {
      origins,
      isRejected: (response) => {
        expectTypeOf(response).toEqualTypeOf<OwnResponse>()
        return response.mine === 2
      },
    })
    expectTypeOf(own).parameter(0).toEqualTypeOf<string | OwnRequest>()
    expectTypeOf(own).returns.resolves.toEqualTypeOf<OwnResponse>()
    expectTypeOf<{ dispatcher: object; bearer: false }>().toExtend<NonNullable<Parameters<typeof own>[1]>>()
  })
})
