import type { TokenError } from '@tokenflight/core'
import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { concealRequestOfError } from './conceal.ts'

/**
 * In axios's own shape, made by hand: `AxiosError.from` would put the token endpoint's status on it, where it is taken for the
 * resource server's, and our code; a code without a response means a network error to retry plugins.
 */
export function asAxiosError(
  cause: TokenError,
  config: InternalAxiosRequestConfig,
  refused?: AxiosResponse | undefined,
): AxiosError {
  const code = refused && AxiosError.ERR_BAD_REQUEST
  const error = new AxiosError(cause.message, code, config, refused?.request, refused)
  concealRequestOfError(error)
  return Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true })
}
