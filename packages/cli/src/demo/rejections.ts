import { subscribe } from 'node:diagnostics_channel'

/** Tells of every 401 that reaches this process, whichever client asked: below them all is Node's fetch or node:http. */
export function onRejection(listener: () => void): void {
  for (const channel of ['undici:request:headers', 'http.client.response.finish'])
    subscribe(channel, (message) => {
      if (statusOf(message) === 401) listener()
    })
}

function statusOf(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || !('response' in message)) return undefined
  const { response } = message
  return typeof response === 'object' && response !== null && 'statusCode' in response ? response.statusCode : undefined
}
