import { withBearer as axiosWithBearer } from '@tokenflight/axios'
import { createTokenManager } from '@tokenflight/core'
import { withBearer as kyWithBearer } from '@tokenflight/ky'
import { refreshTokenGrant, revocation } from '@tokenflight/oauth'
import { webStore } from '@tokenflight/store-web'
import axios from 'axios'
import ky from 'ky'
import { record } from './timeline.ts'

const { VITE_API: api, VITE_ISSUER: issuer } = import.meta.env
export const client = { issuer, clientId: 'spa' }

export const store = webStore()
export const tokens = createTokenManager({
  store,
  grant: refreshTokenGrant(client),
  revoke: revocation(client),
  onEvent: record,
  // Only for the button that expires tokens: an API that refuses two fresh ones in half a minute is otherwise taken for broken.
  coolDown: 0,
})

export const axiosApi = axiosWithBearer(axios.create({ baseURL: api }), tokens)
// ky's ten seconds begin when it is called, and ten tabs with twenty calls each share six connections.
export const kyApi = kyWithBearer(ky.create({ baseUrl: api, timeout: 60_000 }), tokens)
