import type { AxiosError, AxiosResponse } from 'axios'

/**
 * axios hangs the client's own request object, and with it the token, on every response and on every error, and errors end in logs.
 * It stays where it is. What a response shows of it when it is logged is `[Getter/Setter]`, and it is copied along with the rest.
 */
export function concealRequest(response: AxiosResponse): void {
  hide(response, 'request', true)
}

/** On an error, also log serializers that go through the enumerable keys must not come upon the token. */
export function concealRequestOfError(error: AxiosError): void {
  hide(error, 'request', false)
  const { response } = error
  if (response === undefined) return
  hide(response, 'request', false)
  // A Node stream leads to its request as well.
  const { data }: { data?: unknown } = response
  if (typeof data === 'object' && data !== null && 'pipe' in data) hide(response, 'data', false)
}

function hide(holder: object, name: string, enumerable: boolean): void {
  let value: unknown = Reflect.get(holder, name)
  if (typeof value !== 'object' || value === null) return
  Reflect.defineProperty(holder, name, {
    configurable: true,
    enumerable,
    get: () => value,
    set(next: unknown) {
      value = next
    },
  })
}
