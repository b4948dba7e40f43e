import type { Grant, TokenStore } from '@tokenflight/core'
import { type Step, steps } from '../processes/steps.ts'

/**
 * Where a process may be struck: the steps of a refresh, and the moments in which something is on its way. `asked`: the token request
 * was sent. `claim sent`, `commit sent`: the store was asked to write, and has not answered.
 */
export type Moment = Step | 'asked' | 'claim sent' | 'commit sent'

const inAFile = /prepared|entered|compared|published/

/** Those that there are with this store; not `looked`, which is no part of a refresh. */
export function momentsOf(store: 'file' | 'redis' | 'postgres'): readonly Moment[] {
  const all: readonly Moment[] = [...steps, 'asked', 'claim sent', 'commit sent']
  return all.filter((moment) => moment !== 'looked' && (store === 'file' || !inAFile.test(moment)))
}

/** @param reach Called when something has been sent, before its answer can have come. */
export function watchSending(reach: (moment: Moment) => void) {
  const sent = <T>(moment: Moment, answer: Promise<T>): Promise<T> => {
    setImmediate(() => reach(moment))
    return answer
  }
  return {
    store: (inner: TokenStore): TokenStore => ({
      ...inner,
      compareAndSet: (key, version, record) =>
        sent(record?.claim === undefined ? 'commit sent' : 'claim sent', inner.compareAndSet(key, version, record)),
    }),
    grant: (inner: Grant): Grant =>
      Object.assign((request: Parameters<Grant>[0]) => sent('asked', inner(request)), inner),
  }
}
