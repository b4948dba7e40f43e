import { readFile, rename, writeFile } from 'node:fs/promises'
import type { TokenRecord, TokenResponse } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import type { AuthorizationServer } from '@tokenflight/testing'
import { storeSignIn } from '../processes/sign-in.ts'
import type { Durable } from './entries.ts'
import { fingerprint, type History } from './history.ts'

/** The user: signs in at first, and again when a process says that only this helps and that is so. */
export interface SignIns {
  signIn(): Promise<void>
  signInIfEnded(): Promise<void>
  /** What is stored now. */
  stored(): Promise<{ tokens: { accessToken: string } | undefined; durable: Partial<Durable> }>
}

export function createSignIns(
  way: 'tokenflight' | 'naive',
  path: string,
  server: AuthorizationServer,
  history: History,
): SignIns {
  const { read, isEnded, write } = way === 'naive' ? naiveFile(path, server) : ourFile(path)
  let busy: Promise<void> | undefined

  async function signIn(): Promise<void> {
    const response = await server.signIn()
    history.write({ type: 'issued', access: fingerprint(response.access_token) })
    history.write({ type: 'signed_in', ...(await write(response)) })
  }

  return {
    signIn,
    async signInIfEnded() {
      busy ??= isEnded()
        .then((ended) => (ended ? signIn() : undefined))
        .finally(() => {
          busy = undefined
        })
      await busy
    },
    stored: read,
  }
}

interface CredentialFile {
  read: SignIns['stored']
  isEnded(): Promise<boolean>
  write(response: TokenResponse): Promise<Partial<Durable>>
}

export function durableOf({ generation, tokens }: TokenRecord): Durable | undefined {
  if (tokens?.refreshToken === undefined) return undefined
  return { generation, access: fingerprint(tokens.accessToken), refresh: fingerprint(tokens.refreshToken) }
}

function ourFile(path: string): CredentialFile {
  const store = fileStore(path)
  return {
    async read() {
      const { record } = await store.read('default')
      return { tokens: record?.tokens, durable: (record && durableOf(record)) ?? {} }
    },
    isEnded: async () => (await store.read('default')).record?.state !== undefined,
    async write(response) {
      const record = await storeSignIn(path, response)
      return (record && durableOf(record)) ?? {}
    },
  }
}

function naiveFile(path: string, server: AuthorizationServer): CredentialFile {
  const load = async (): Promise<TokenResponse> => JSON.parse(await readFile(path, 'utf8'))
  return {
    async read() {
      const { access_token: accessToken } = await load()
      return { tokens: { accessToken }, durable: { access: fingerprint(accessToken) } }
    },
    async isEnded() {
      const grant = server.grantOf((await load()).refresh_token ?? '')
      return grant === undefined || !server.isAlive(grant)
    },
    async write(response) {
      await writeFile(`${path}.tmp`, JSON.stringify(response), { mode: 0o600 })
      await rename(`${path}.tmp`, path)
      return { access: fingerprint(response.access_token), refresh: fingerprint(response.refresh_token ?? '') }
    },
  }
}
