import { createTokenManager, type TokenEvent } from '@tokenflight/core'
import { type Fetch, withBearer } from '@tokenflight/fetch'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'

export interface WithTokenflight {
  path: string
  tokenEndpoint: string
  clientId: string
  /** Where the access token may go. */
  api: string
  fetch: Fetch
  onEvent: (event: TokenEvent) => void
}

/** The same calls with tokenflight: what the demo's last lines tell the reader to write. */
export function withTokenflight(options: WithTokenflight): (url: string) => Promise<Response> {
  const { path, tokenEndpoint, clientId, api, fetch, onEvent } = options
  const tokens = createTokenManager({
    store: fileStore(path),
    grant: refreshTokenGrant({ tokenEndpoint, clientId }),
    onEvent,
  })
  return withBearer(fetch, tokens, { origins: api })
}
