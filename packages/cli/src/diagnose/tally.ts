import { type Cluster, createCluster, type FindingKind, type Layer } from './finding.ts'
import type { Signal, SignalKind } from './signal.ts'

/** What is not about one login: who it happened to does not matter, only when and how often. */
const kinds: Partial<Record<SignalKind, { kind: FindingKind; layer: Layer; least: number; because: string }>> = {
  client: {
    kind: 'client_authentication',
    layer: 'configuration',
    least: 1,
    because: "the authorization server refuses the client's own credentials, not the refresh token",
  },
  throttled: {
    kind: 'throttled',
    layer: 'authorization-server',
    least: 1,
    because: 'the token endpoint asks for patience (429, or words to that effect)',
  },
  unavailable: {
    kind: 'outage',
    layer: 'authorization-server',
    least: 3,
    because: 'token requests got no answer, or a failure of the server; nothing says that a refresh token is bad',
  },
  skewed: {
    kind: 'clock_skew',
    layer: 'configuration',
    least: 1,
    because: 'tokens are refused as not valid yet, or for their times: two clocks disagree',
  },
  damaged: {
    kind: 'store_corrupt',
    layer: 'persistence',
    least: 1,
    because: 'a stored credential cannot be read: it was written in part, or by two at once',
  },
  missing: {
    kind: 'store_corrupt',
    layer: 'persistence',
    least: 1,
    because: 'a stored credential has no refresh token: an answer without one has replaced the whole credential',
  },
}

/** One that comes so long after the last begins a new cluster, ms. */
const gap = 300_000
const most = 40

export interface Tally {
  /** @returns Whether the signal is of a kind that is tallied. */
  add(signal: Signal): boolean
  end(): void
}

export function createTally(found: (cluster: Cluster) => void): Tally {
  const open = new Map<SignalKind, { signals: Signal[]; count: number; last: number }>()
  const close = (kind: SignalKind): void => {
    const tallied = open.get(kind)
    const meaning = kinds[kind]
    open.delete(kind)
    if (tallied === undefined || meaning === undefined || tallied.count < meaning.least) return
    const { signals, count } = tallied
    const head = {
      kind: meaning.kind,
      confidence: confidenceOf(signals),
      because: [meaning.because],
      layer: meaning.layer,
    }
    found({ ...createCluster({ ...head, who: commonWho(signals) }, signals), count })
  }
  return {
    add(signal) {
      const { kind, at } = signal
      if (kinds[kind] === undefined) return false
      const tallied = open.get(kind)
      if (tallied && Math.abs(at - tallied.last) > gap) close(kind)
      const { signals, count } = open.get(kind) ?? { signals: [] as Signal[], count: 0 }
      // Of many the first and the last.
      if (signals.length >= most) signals.splice(most / 2, 1)
      signals.push(signal)
      open.set(kind, { signals, count: count + 1, last: at })
      return true
    },
    end() {
      for (const kind of [...open.keys()]) close(kind)
    },
  }
}

function confidenceOf(signals: readonly Signal[]): Cluster['confidence'] {
  if (signals.every(({ kind, text }) => kind === 'client' && !/client/i.test(text))) return 'low'
  return signals.length >= 2 ? 'high' : 'medium'
}

/** What all of them have in common. */
function commonWho([first, ...rest]: readonly Signal[]): Cluster['who'] {
  const shared = Object.entries(first?.who ?? {}).filter(([name, value]) =>
    rest.every(({ who }) => Object.entries(who).some(([n, v]) => n === name && v === value)),
  )
  return Object.fromEntries(shared)
}
