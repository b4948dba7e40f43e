// A module of the application, as it is in production. It knows nothing of tests.

import { withBearer } from '@tokenflight/got'
import got from 'got'
import { createTokenManager, findTokenError, refreshTokenGrant } from 'tokenflight'

export const tokens = createTokenManager({
  grant: refreshTokenGrant({ tokenEndpoint: 'https://login.example.com/token', clientId: 'app' }),
})
const api = withBearer(got.extend({ prefixUrl: 'https://api.example.com' }), tokens)

interface Order {
  id: number
}

/** The user's orders; `sign in` where the login is over. */
export async function listOrders(): Promise<Order[] | 'sign in'> {
  try {
    return await api.get('orders').json<Order[]>()
  } catch (error) {
    if (findTokenError(error)?.code === 'reauthorization_required') return 'sign in'
    throw error
  }
}
