// A module of the application, as it is in production. It knows nothing of tests.

import { createTokenManager, findTokenError, refreshTokenGrant, withBearer } from 'tokenflight'

export const tokens = createTokenManager({
  grant: refreshTokenGrant({ tokenEndpoint: 'https://login.example.com/token', clientId: 'app' }),
})
// fetch is looked up with every call: msw and other tools replace it after this module has loaded.
const apiFetch = withBearer((input, init) => fetch(input, init), tokens, { origins: 'https://api.example.com' })

interface Order {
  id: number
}

/** The user's orders; `sign in` where the login is over. */
export async function listOrders(): Promise<Order[] | 'sign in'> {
  try {
    const response = await apiFetch('https://api.example.com/orders')
    if (!response.ok) throw new Error(`The API answered ${response.status}.`)
    return await response.json()
  } catch (error) {
    if (findTokenError(error)?.code === 'reauthorization_required') return 'sign in'
    throw error
  }
}
