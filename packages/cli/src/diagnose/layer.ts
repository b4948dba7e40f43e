import type { Layer } from './finding.ts'
import type { Signal } from './signal.ts'

/** Where those who collided met, as far as the lines tell it, and the sentence that says so. */
export function layerOf(signals: readonly Signal[]): { layer: Layer; because?: string } {
  const count = (value: (signal: Signal) => string | undefined): number =>
    new Set(signals.map(value).filter((one) => one !== undefined)).size
  const addresses = count(({ who }) => who.address)
  if (addresses > 1) return { layer: 'cross-machine', because: `the requests came from ${addresses} addresses` }
  // Who logs an address has been asked from there: its own host, process and threads say nothing about those who asked.
  if (addresses === 1) return { layer: 'unknown', because: 'all the requests came from one address' }
  const hosts = count(({ who }) => who.host)
  if (hosts > 1) return { layer: 'cross-machine', because: `the requests came from ${hosts} hosts` }
  const processes = count(({ who }) => who.process)
  if (processes > 1)
    return { layer: 'cross-process', because: `the requests came from ${processes} processes or workers` }
  const told = (name: 'process' | 'thread'): boolean =>
    signals.length >= 2 && signals.every(({ who }) => who[name] !== undefined)
  if (processes === 1 && told('process'))
    return { layer: 'in-process', because: 'all the requests came from one process' }
  const threads = count(({ who }) => who.thread)
  if (processes === 0 && threads > 1 && told('thread'))
    return { layer: 'in-process', because: `the requests came from ${threads} threads` }
  const files = count(({ file }) => file)
  if (files > 1) return { layer: 'cross-process', because: `the lines come from ${files} logs` }
  return { layer: 'unknown' }
}

/** What tells those who asked apart, as far as the line says. */
export function callerOf({ who: { host, address, process, thread } }: Signal): string | undefined {
  const parts = address === undefined ? [host, process, thread].filter((part) => part !== undefined) : [address]
  return parts.length === 0 ? undefined : parts.join(' ')
}

/** Whose lane it is in a picture. */
export function actorOf({ who: { host, address, process, thread } }: Signal): string | undefined {
  const parts = [address ?? host, process, thread].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(' ')
}
