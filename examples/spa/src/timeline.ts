import type { TokenEvent } from '@tokenflight/core'
import { thisTab } from './tab.ts'

/** What one tab tells all of them. */
export interface Entry {
  id: string
  tab: number
  at: number
  what: TokenEvent | CallsMade
}

export interface CallsMade {
  type: 'calls'
  /** How many calls ended how: `{ '200': 20 }`. */
  ends: Record<string, number>
}

type Message =
  | { type: 'opened' }
  | { type: 'closed' }
  | { type: 'here'; tab: number; hosts: readonly string[]; entries: readonly Entry[] }

const kept = 200
const channel = new BroadcastChannel('spa timeline')
const listeners = new Set<() => void>()
const tabOfHost = new Map<string, number>()
const ownHosts: string[] = []
let timeline: readonly Entry[] = []

/** An event of this tab, for everybody. */
export function record(what: Entry['what']): void {
  const entry = { id: crypto.randomUUID(), tab: thisTab, at: Date.now(), what }
  merge([entry])
  tell([entry])
}

/** By which name the store knows this tab, where it writes who holds the claim. */
export function introduce(host: string | undefined): void {
  if (host === undefined) return
  ownHosts.push(host)
  tabOfHost.set(host, thisTab)
  tell([])
}

export const tabNamed = (host: string): number | undefined => tabOfHost.get(host)

/** Newest first. The same array until there is something new. */
export const entries = (): readonly Entry[] => timeline

export function onChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(entries: readonly Entry[]): void {
  post({ type: 'here', tab: thisTab, hosts: ownHosts, entries })
}

function post(message: Message): void {
  channel.postMessage(message)
}

function merge(news: readonly Entry[]): void {
  const known = new Set(timeline.map(({ id }) => id))
  const fresh = news.filter(({ id }) => !known.has(id))
  timeline = [...fresh, ...timeline].sort((a, b) => b.at - a.at).slice(0, kept)
  for (const listener of listeners) listener()
}

channel.onmessage = ({ data }: MessageEvent<Message>) => {
  // A new tab has missed what was before. Each of us tells it all, as there may be nobody left who was there.
  if (data.type === 'opened') tell(timeline)
  if (data.type === 'here') for (const host of data.hosts) tabOfHost.set(host, data.tab)
  merge(data.type === 'here' ? data.entries : [])
}
post({ type: 'opened' })
addEventListener('pagehide', () => post({ type: 'closed' }))
