import type { Campaign } from './campaign.ts'
import type { Run } from './simulation.ts'
import type { Weather } from './weather.ts'

/** A campaign, for people. */
export function describeCampaign(campaign: Campaign): string {
  const { runs, seed, violations, variants, presentations, revocations, stores, incidents, durationMs } = campaign
  const shared = Object.entries(stores).map(([store, times]) => `${times} on ${store}`)
  const happened = Object.entries(incidents).map(([what, times]) => `${times} x ${what.replaceAll('_', ' ')}`)
  const width = Math.max(...variants.map(({ name }) => name.length))
  return [
    `${runs} histories from seed ${seed} in ${(durationMs / 1000).toFixed(1)} s: ${presentations} presentations, ${revocations} revoked grants`,
    `  ${shared.join(', ')}`,
    `  ${happened.join(', ')}`,
    ...(violations.length === 0 ? ['No rule was broken.'] : [`${violations.length} broke a rule:`]),
    ...violations.slice(0, 10).map((it) => `  seed ${it.seed}: ${it.invariant}, ${it.message}`),
    ...(variants.length === 0 ? [] : ['Known mistakes:']),
    ...variants.map(({ name, caught, runsToCatch, invariant }) => {
      const verdict = caught ? `noticed in run ${runsToCatch} (${invariant})` : 'NOT NOTICED'
      return `  ${name.padEnd(width)}  ${verdict}`
    }),
  ].join('\n')
}

/** The end of one history, and how to see it again. */
export function describeRun({ seed, violation, history }: Run, lines = 40, changes: Partial<Weather> = {}): string {
  const shown = history.slice(-lines)
  const left = history.length - shown.length
  return [
    `History of seed ${seed}${left > 0 ? ` (${left} lines before)` : ''}; times in ms:`,
    ...shown,
    ...(violation === undefined ? [] : [`${violation.invariant}: ${violation.message}`]),
    `Again: npm run simulate -- --replay ${seed}${Object.keys(changes).length > 0 ? ` --weather '${toJson(changes)}'` : ''}`,
  ].join('\n')
}

/** JSON has no word for infinity, which a known grace may be. */
export function toJson(weather: Partial<Weather>): string {
  return JSON.stringify(weather, (_, value: unknown) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value))
}

/** @throws {SyntaxError} */
export function fromJson(text: string): Partial<Weather> {
  return JSON.parse(text, (_, value: unknown) => (value === 'Infinity' ? Number.POSITIVE_INFINITY : value))
}
