import { readFile } from 'node:fs/promises'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { Agent, fetch as undiciFetch } from 'undici'

const [cert, key] = await Promise.all(['client.crt', 'client.key'].map((file) => readFile(file)))
const dispatcher = new Agent({ connect: { cert, key } })
const mutualFetch = (url: string, init: object = {}) => undiciFetch(url, { ...init, dispatcher })
export const grant = refreshTokenGrant({
  tokenEndpoint: 'https://mtls.as.example/token',
  clientId: 'app',
  clientAuthentication: 'none',
  fetch: mutualFetch as unknown as typeof fetch, // to TypeScript the classes of two fetches differ
})
