import { isTokenError, TokenError, type TokenSource } from '@tokenflight/core'
import {
  type BearerRequestOptions,
  type BearerOptions as FetchBearerOptions,
  withBearer as withBearerFetch,
} from '@tokenflight/fetch'
import type { BeforeRetryHook, KyInstance, Options } from 'ky'

/** `origins` may be left out where the instance has an absolute `baseUrl`, `prefix` or `prefixUrl`. */
export interface BearerOptions extends Omit<FetchBearerOptions, 'origins'> {
  origins?: FetchBearerOptions['origins'] | undefined
}

declare module 'ky' {
  interface Options {
    /** The caller's word on the access token; false: send this request without it. */
    bearer?: false | BearerRequestOptions
  }
}

/**
 * An instance like the given one that sends an access token of `tokens` with every request to `origins`, by default the origin of
 * its base URL. When the resource server refuses the token, it joins the one shared refresh and sends the request once more.
 *
 * Where no token could be had, it rejects with the `TokenError`. It all happens in ky's `fetch` option, below hooks and retries.
 *
 * @throws TokenError `invalid_option` where no origin can be told, or one would be unsafe.
 */
export function withBearer(instance: KyInstance, tokens: TokenSource, options: BearerOptions = {}): KyInstance {
  if (typeof instance?.extend !== 'function')
    throw new TokenError(
      'invalid_option',
      'No ky instance: withBearer takes it first, withBearer(ky, tokens, options).',
    )
  return instance.extend((parent) => ({
    fetch: withBearerFetch(parent.fetch ?? globalFetch, tokens, {
      ...options,
      origins: options.origins ?? baseOrigin(parent),
    }),
    retry: sparingTokenErrors(parent.retry),
    hooks: { beforeRetry: [giveUp] },
  }))
}

/** Read when it is called, as ky does: it may be replaced after set-up. */
const globalFetch: NonNullable<Options['fetch']> = (input, init) => globalThis.fetch(input, init)

/** None where the base is relative to a page; then the fetch adapter asks for `origins`. */
function baseOrigin(parent: Options): string[] {
  // An absolute prefix leaves nothing to resolve against baseUrl. prefixUrl is ky 1's.
  const bases = ['prefix', 'baseUrl', 'prefixUrl'].map((name) => String(Reflect.get(parent, name) ?? ''))
  const base = bases.find((url) => URL.canParse(url))
  return base === undefined ? [] : [new URL(base).origin]
}

/** Where one request has a number for its `retry`, ky 1 takes that in place of {@link sparingTokenErrors}. */
const giveUp: BeforeRetryHook = ({ error, options }) => {
  if (isTokenError(error) && options.retry.shouldRetry === undefined) throw error
}

/** ky 1 retries whatever its fetch throws, as if the network had failed. Asking again for a token is up to its source. */
function sparingTokenErrors(retry: Options['retry']): NonNullable<Options['retry']> {
  const given = typeof retry === 'number' ? { limit: retry } : retry
  return {
    ...(typeof retry === 'number' && { limit: retry }),
    async shouldRetry(state) {
      const verdict = await given?.shouldRetry?.(state)
      return verdict ?? (isTokenError(state.error) ? false : undefined)
    },
  }
}
