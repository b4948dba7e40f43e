import {
  createTokenManager,
  encryptedStore,
  findTokenError,
  memoryStore,
  type TokenEvent,
  type TokenManagerOptions,
} from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { type WebStoreOptions, webKeys, webSession, webStore } from '@tokenflight/store-web'

export { webSession, webStore }

// Runs in a tab, and in workers of every kind: an application with one credential.

export interface TabOptions {
  tokenEndpoint: string
  api: string
  /** Milliseconds. */
  grace?: number
  manager?: Partial<TokenManagerOptions>
  store?: WebStoreOptions
  encrypted?: boolean
  session?: boolean
}

export function start({ tokenEndpoint, api, grace = 0, manager = {}, ...options }: TabOptions) {
  const { encrypted, session } = options
  const of: WebStoreOptions = { ...options.store, ...(session && { session: webSession }) }
  const store = encrypted ? encryptedStore(webStore(of), { keys: webKeys(of) }) : webStore(of)
  const events: TokenEvent[] = []
  const tokens = createTokenManager({
    store,
    grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app', grace }),
    onEvent: (event) => events.push(event),
    ...manager,
  })
  const authorized = withBearer((input, init) => fetch(input, init), tokens, { origins: api })

  const outcome = async (work: Promise<string>) => {
    try {
      return await work
    } catch (error) {
      return `${findTokenError(error)?.code ?? error}`
    }
  }
  return {
    events,
    signIn: (response: Parameters<typeof tokens.setTokens>[0]) => tokens.setTokens(response),
    signOut: () => tokens.clearTokens(),
    /** The access token, or the code of the error. */
    token: (rejected?: string) => outcome(tokens.getAccessToken({ rejected }).then(({ accessToken }) => accessToken)),
    /** So many API calls at once: each one's status, or the code of the error. */
    call: (count: number) =>
      Promise.all(Array.from({ length: count }, () => outcome(authorized(api).then(({ status }) => String(status))))),
    /** So many callers at once whose token was refused: what each gets, and when; and when this tab kept a token. Epoch milliseconds. */
    async race(count: number, rejected: string) {
      const before = events.length
      const answers = Array.from({ length: count }, async () => {
        const token = await outcome(tokens.getAccessToken({ rejected }).then(({ accessToken }) => accessToken))
        return { token, at: Date.now() }
      })
      return {
        answers: await Promise.all(answers),
        kept: events.slice(before).flatMap(({ type, at }) => (type === 'refreshed' ? [at] : [])),
      }
    },
    async close() {
      await tokens.close()
      await store.close?.()
    },
  }
}

/** What becomes of a sign-in where there may be no storage: the access token, or the error. */
export async function tryStorage(fallback: boolean, encrypted = false): Promise<string> {
  const plain = webStore(fallback ? { fallback: memoryStore() } : {})
  const store = encrypted ? encryptedStore(plain, { keys: webKeys() }) : plain
  const tokens = createTokenManager({ store, grant: async () => ({ access_token: 'none' }) })
  try {
    await tokens.setTokens({ access_token: 'at-1' })
    return (await tokens.getAccessToken()).accessToken
  } catch (error) {
    const found = findTokenError(error)
    return `${found?.code}: ${found?.message}`
  }
}

// In a worker of any kind: answers [method, ...arguments] on the port that came with it.
if (typeof document !== 'object') {
  let app: ReturnType<typeof start> | undefined
  const answer = async ({ data: [method, ...rest], ports: [port] }: MessageEvent) => {
    if (method === 'start') app = start(rest[0])
    const called: unknown = Reflect.get(app ?? {}, method)
    port?.postMessage(typeof called === 'function' ? await called(...rest) : called)
  }
  addEventListener('message', (event) => void answer(event))
  addEventListener('connect', (event) => {
    const [port] = (event as MessageEvent).ports
    if (port) port.onmessage = (message) => void answer(message)
  })
}
