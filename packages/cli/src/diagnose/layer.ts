import type { Layer } from './finding.ts'
import type { Signal } from './signal.ts'

/** Where those who collided met, as far as the lines tell it, and the sentence that says so. */
export function layerOf(signals: readonly Signal[]): { layer: Layer; because?: string } {
  const count = (value: (signal: Signal) => string | undefined): number =>
    new Set(signals.map(value).filter((one) => one !== undefined)).size
  const hosts = count(({ who }) => who.host)
  if (hosts > 1) return { layer: 'cross-machine', because: `the requests came from ${hosts} hosts` }
  const addresses = count(({ who }) => who.address)
  if (addresses > 1) return { layer: 'cross-machine', because: `the requests came from ${addresses} addresses` }
  const processes = count(({ who }) => who.process)
  if (processes > 1)
    return { layer: 'cross-process', because: `the requests came from ${processes} processes or workers` }
  const told = signals.filter(({ who }) => who.process !== undefined).length
  if (processes === 1 && told >= 2 && told === signals.length)
    return { layer: 'in-process', because: 'all the requests came from one process' }
  const files = count(({ file }) => file)
  if (files > 1) return { layer: 'cross-process', because: `the lines come from ${files} logs` }
  return { layer: 'unknown' }
}

/** How many took part, by whatever tells them apart. */
export function actorOf({ who: { host, address, process } }: Signal): string | undefined {
  const parts = [host ?? address, process].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(' ')
}
