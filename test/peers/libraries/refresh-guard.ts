import type { TokenResponse } from '@tokenflight/core'
import { type Credentials, createTokenManager, fileStore } from 'refresh-guard'
import { fetchInit, type Library, redeem } from '../library.ts'

export const refreshGuard: Library = {
  name: 'refresh-guard',
  packages: ['refresh-guard'],
  setup:
    '`createTokenManager` with `fileStore`, the requests with fetch; `expires_in` turned into `expires_at` as its comment asks (README, first example)',
  features: ['file', 'answers'],
  async open(setup) {
    const tokens = createTokenManager({
      ...(setup.file !== undefined && { store: fileStore(setup.file) }),
      ...(setup.tokens !== undefined && { initial: credentials(setup.tokens) }),
      refresh: async (previous) => credentials(await redeem(setup, previous?.refresh_token ?? '')),
    })
    return {
      async send(call) {
        const headers = { authorization: `Bearer ${await tokens.getValidToken()}` }
        const response = await fetch(call.url, { ...fetchInit(call), headers })
        await response.arrayBuffer()
        return response
      },
      close: async () => {},
    }
  },
  seed: (file, tokens) => fileStore(file).set(credentials(tokens)),
}

function credentials({ access_token, refresh_token, expires_in }: TokenResponse): Credentials {
  return {
    access_token,
    ...(refresh_token !== undefined && { refresh_token }),
    ...(expires_in !== undefined && { expires_at: Date.now() + Number(expires_in) * 1000 }),
  }
}
