import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { findTokenError, isTokenError, type TokenError, type TokenErrorCode } from '@tokenflight/core'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import axios, { AxiosError, type AxiosResponse, CanceledError } from 'axios'
import got, { HTTPError as GotHttpError, RequestError } from 'got'
import ky, { HTTPError as KyHttpError } from 'ky'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { openApi } from './scene.ts'
import { scriptedTokens } from './scripted-tokens.ts'

interface Problem {
  error: string
}

interface Thing {
  id: number
}

/** What a caller catches: of a refused call, and of one that it gave up. */
async function failuresOf(call: (url: string, signal: AbortSignal) => Promise<unknown>, url: string) {
  const thrownBy = (signal: AbortSignal) =>
    call(url, signal).then(
      () => undefined,
      (error: unknown) => error,
    )
  return [await thrownBy(new AbortController().signal), await thrownBy(AbortSignal.abort())] as const
}

async function openRefusing() {
  const tokens = scriptedTokens()
  const { url } = await openApi({ protection: 'refuse_all' })
  return { tokens, url }
}

describe("A11 A12 the checks of the client's users narrow as ever", () => {
  it('axios.isAxiosError, axios.isCancel and instanceof', async () => {
    const { tokens, url } = await openRefusing()
    const client = withBearerAxios(axios.create({ baseURL: url }), tokens)
    expectTypeOf(client.get<Thing>).returns.resolves.toEqualTypeOf<AxiosResponse<Thing>>()
    const [refused, cancelled] = await failuresOf((_, signal) => client.get('/', { signal }), url)
    expect([refused, cancelled].map((error) => [axios.isAxiosError(error), axios.isCancel(error)])).toEqual([
      [true, false],
      [true, true],
    ])
    expect([refused instanceof AxiosError, cancelled instanceof CanceledError]).toEqual([true, true])
    if (axios.isAxiosError<Problem>(refused)) {
      expectTypeOf(refused.response?.data).toEqualTypeOf<Problem | undefined>()
      expect([refused.response?.status, refused.response?.data.error]).toEqual([401, 'invalid_token'])
    }
    if (axios.isCancel(cancelled)) expectTypeOf(cancelled).toExtend<Error>()
  })

  it('the HTTPError of got', async () => {
    const { tokens, url } = await openRefusing()
    const client = withBearerGot(got.extend({ retry: { limit: 0 } }), tokens, { origins: url })
    const json = () => client(url).json<Thing>()
    expectTypeOf(json).returns.resolves.toEqualTypeOf<Thing>()
    const [refused, cancelled] = await failuresOf((_, signal) => client(url, { signal }), url)
    expect(refused).toBeInstanceOf(GotHttpError)
    if (refused instanceof GotHttpError) {
      expectTypeOf(refused.response.statusCode).toBeNumber()
      expect(refused.response.statusCode).toBe(401)
    }
    expect(cancelled).toBeInstanceOf(RequestError)
    expect(cancelled).toMatchObject({ name: 'AbortError' })
  })

  it('the HTTPError of ky', async () => {
    const { tokens, url } = await openRefusing()
    const client = withBearerKy(ky, tokens, { origins: url })
    const json = () => client<Thing>(url).json()
    expectTypeOf(json).returns.resolves.toEqualTypeOf<Thing>()
    const [refused, cancelled] = await failuresOf((_, signal) => client(url, { signal }), url)
    expect(refused).toBeInstanceOf(KyHttpError)
    if (refused instanceof KyHttpError) {
      expectTypeOf(refused.response).toExtend<Response>()
      expect(refused.response.status).toBe(401)
    }
    expect(cancelled).toMatchObject({ name: 'AbortError' })
  })

  it('isTokenError and findTokenError', () => {
    const caught: unknown = undefined
    expectTypeOf(findTokenError(caught)).toEqualTypeOf<TokenError | undefined>()
    if (isTokenError(caught)) expectTypeOf(caught.code).toEqualTypeOf<TokenErrorCode>()
  })
})
