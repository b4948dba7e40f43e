import { createTokenManager, type TokenEvent } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'
import type { Call, Client } from './clients/client.ts'

export interface WithTokenflight {
  path: string
  tokenEndpoint: string
  clientId: string
  /** Where the access token may go. */
  api: string
  onEvent: (event: TokenEvent) => void
}

/** The same calls with tokenflight: what the demo's last lines tell the reader to write, once for all clients of the process. */
export function withTokenflight({ path, api, onEvent, ...client }: WithTokenflight): (client: Client) => Call {
  const tokens = createTokenManager({ store: fileStore(path), grant: refreshTokenGrant(client), onEvent })
  return ({ withBearer }) => withBearer(tokens, api)
}
