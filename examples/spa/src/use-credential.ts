import { isTokenError, type TokenRecord } from '@tokenflight/core'
import { useEffect, useState } from 'react'
import { store } from './auth.ts'
import { introduce } from './timeline.ts'

/** What the page shows of the stored record: everything but the secrets. */
export type Credential =
  | { state: 'loading' | 'signed_out' }
  | { state: 'trouble'; message: string }
  | {
      state: 'signed_in' | 'sign_in_again'
      generation: number
      obtainedAt: number
      expiresAt: number | undefined
      /** Whoever is presenting the refresh token. */
      holder: string | undefined
    }

introduce(store.holder?.().host)

/** As it is in the store, which is the same for all tabs. Looking at it refreshes nothing. */
export function useCredential(): Credential {
  const [credential, setCredential] = useState<Credential>({ state: 'loading' })
  useEffect(() => {
    let asked = 0
    const look = async () => {
      const turn = ++asked
      const found = await store.read('default').then(({ record }) => describe(record), explain)
      if (turn === asked) setCredential(found)
    }
    const lookAgain = () => void look()
    lookAgain()
    // Hints may get lost; a tab that is looked at is looked up.
    const unwatch = store.watch?.('default', lookAgain)
    document.addEventListener('visibilitychange', lookAgain)
    return () => {
      asked = Number.POSITIVE_INFINITY
      unwatch?.()
      document.removeEventListener('visibilitychange', lookAgain)
    }
  }, [])
  return credential
}

function describe(record: TokenRecord | undefined): Credential {
  if (record?.tokens === undefined) return { state: 'signed_out' }
  const { tokens, generation, claim, state } = record
  return {
    state: state === undefined ? 'signed_in' : 'sign_in_again',
    generation,
    obtainedAt: tokens.obtainedAt,
    expiresAt: tokens.expiresAt,
    holder: claim?.holder.host,
  }
}

const explain = (error: unknown): Credential => ({
  state: 'trouble',
  message: isTokenError(error) ? error.message : 'The browser could not read the credential.',
})
