import { readFile, rename, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { TokenRecord, TokenResponse, TokenStore } from '@tokenflight/core'
import { storeSignIn } from '../processes/sign-in.ts'
import type { Durable } from './entries.ts'
import { fingerprint, type History } from './history.ts'
import type { Issuer } from './servers/issuer.ts'
import type { Engine } from './stores/engine.ts'
import type { WayName } from './way-names.ts'

/** The user: signs in at first, and again when a process says that only this helps and that is so. */
export interface SignIns {
  signIn(): Promise<void>
  signInIfEnded(): Promise<void>
  /** What is stored now. */
  stored(): Promise<{ tokens: { accessToken: string } | undefined; durable: Partial<Durable> }>
}

export function createSignIns(way: WayName, engine: Engine, issuer: Issuer, history: History): SignIns {
  const { store, seenAt } = engine
  const { read, isEnded, write } =
    way !== 'tokenflight' && seenAt.store === 'file' ? plainFile(seenAt.path, issuer) : ourStore(store)
  let busy: Promise<void> | undefined

  // Each time anew: what could not be stored is old by then.
  const signIn = (): Promise<void> =>
    persistently(async () => {
      const response = await issuer.signIn()
      history.write({ type: 'issued', access: fingerprint(response.access_token) })
      history.write({ type: 'signed_in', ...(await write(response)) })
    })

  return {
    signIn,
    async signInIfEnded() {
      busy ??= persistently(isEnded)
        .then((ended) => (ended ? signIn() : undefined))
        .finally(() => {
          busy = undefined
        })
      await busy
    },
    stored: read,
  }
}

/** Stores fail in a run; users try again. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await work()
    } catch (error) {
      if (failures > 100) throw error
      await delay(50)
    }
  }
}

interface Credential {
  read: SignIns['stored']
  isEnded(): Promise<boolean>
  write(response: TokenResponse): Promise<Partial<Durable>>
}

export function durableOf({ generation, tokens }: TokenRecord): Durable | undefined {
  if (tokens?.refreshToken === undefined) return undefined
  return { generation, access: fingerprint(tokens.accessToken), refresh: fingerprint(tokens.refreshToken) }
}

function ourStore(store: TokenStore): Credential {
  return {
    async read() {
      const { record } = await store.read('default')
      return { tokens: record?.tokens, durable: (record && durableOf(record)) ?? {} }
    },
    isEnded: async () => (await store.read('default')).record?.state !== undefined,
    async write(response) {
      const record = await storeSignIn(store, response)
      return (record && durableOf(record)) ?? {}
    },
  }
}

function plainFile(path: string, issuer: Issuer): Credential {
  const load = async (): Promise<TokenResponse> => JSON.parse(await readFile(path, 'utf8'))
  return {
    async read() {
      const { access_token: accessToken } = await load()
      return { tokens: { accessToken }, durable: { access: fingerprint(accessToken) } }
    },
    isEnded: async () => issuer.isEnded((await load()).refresh_token ?? '') === true,
    async write(response) {
      const content = { ...response, expires_at: Date.now() + Number(response.expires_in) * 1000 }
      await writeFile(`${path}.tmp`, JSON.stringify(content), { mode: 0o600 })
      await rename(`${path}.tmp`, path)
      return { access: fingerprint(response.access_token), refresh: fingerprint(response.refresh_token ?? '') }
    },
  }
}
