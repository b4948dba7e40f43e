import { findTokenError } from '@tokenflight/core'
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse, type AxiosStatic } from 'axios'
import { type AxiosCacheInstance, setupCache } from 'axios-cache-interceptor'
import { describe, expectTypeOf, it } from 'vitest'
import { type BearerOptions, type BearerRequestOptions, ejectBearer, withBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

type CommonJsInstance = import('axios', { with: { 'resolution-mode': 'require' }}).AxiosInstance

const tokens = twoTokens()
const origins = 'https://api.example.com'

describe('A12 the types', () => {
  it('give the instance back as it came', () => {
    expectTypeOf(withBearer(axios.create({ baseURL: origins }), tokens)).toEqualTypeOf<AxiosInstance>()
    expectTypeOf(withBearer<AxiosStatic>).returns.toEqualTypeOf<AxiosStatic>()
    expectTypeOf(withBearer(setupCache(axios.create({ baseURL: origins })), tokens)).toEqualTypeOf<AxiosCacheInstance>()
    expectTypeOf(withBearer<CommonJsInstance>).returns.toEqualTypeOf<CommonJsInstance>()
    expectTypeOf(ejectBearer).parameter(0).not.toBeAny()
    expectTypeOf(ejectBearer).returns.toEqualTypeOf<void>()
  })

  it('know the per-request options', () => {
    expectTypeOf<AxiosRequestConfig['bearer']>().toEqualTypeOf<false | BearerRequestOptions | undefined>()
    expectTypeOf<{ bearer: { replayBody: () => Promise<string>; replay: false } }>().toExtend<
      AxiosRequestConfig<string>
    >()
    expectTypeOf<{ bearer: true }>().not.toExtend<AxiosRequestConfig>()
    expectTypeOf<{ bearer: { replay: true } }>().not.toExtend<AxiosRequestConfig>()
    expectTypeOf<{ bearer: { replayBody: string } }>().not.toExtend<AxiosRequestConfig>()
    // And of requests, which take a config of their own.
    expectTypeOf(axios.post<number>)
      .parameter(2)
      .toExtend<{ bearer?: unknown } | undefined>()
  })

  it('know the options', () => {
    expectTypeOf<{ origins: string[]; isRejected: (response: AxiosResponse) => boolean }>().toExtend<BearerOptions>()
    expectTypeOf<BearerOptions['isRejected']>().parameter(0).toHaveProperty('data').toBeUnknown()
    expectTypeOf(findTokenError).parameter(0).toBeUnknown()
  })

  it('take no other client', () => {
    // @ts-expect-error fetch has no interceptors
    const wrong = () => withBearer(fetch, tokens, { origins })
    expectTypeOf(wrong).toBeFunction()
  })
})
