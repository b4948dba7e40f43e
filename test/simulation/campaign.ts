import { type Run, simulate } from './simulation.ts'
import { type Variant, variants } from './variants.ts'
import type { StoreKind } from './weather.ts'
import type { Incident } from './world.ts'

/** What many runs came to. */
export interface Campaign {
  runs: number
  seed: number
  violations: { invariant: string; seed: number; message: string }[]
  variants: { name: string; caught: boolean; runsToCatch: number | null; invariant: string | null }[]
  presentations: number
  revocations: number
  /** Histories by the store that was shared. */
  stores: Partial<Record<StoreKind, number>>
  incidents: Partial<Record<Incident, number>>
  durationMs: number
}

/** How many runs a known mistake may stay unnoticed in. */
const patience = 1_000
/** Every seed is a number that can be typed in again. */
const seeds = 2 ** 32

export interface CampaignOptions {
  store?: StoreKind
  mistakes?: readonly Variant[]
  progress?: (done: number) => void
}

/** Run n has the seed `seed + n`, and depends on nothing else. */
export async function runCampaign(
  runs: number,
  seed: number,
  { store, mistakes = variants, progress = () => {} }: CampaignOptions = {},
): Promise<Campaign> {
  const started = performance.now()
  const campaign: Campaign = {
    ...{
      runs,
      seed,
      violations: [],
      variants: [],
      presentations: 0,
      revocations: 0,
      stores: {},
      incidents: {},
      durationMs: 0,
    },
  }
  for (let n = 0; n < runs; n++) {
    count(campaign, await simulate((seed + n) % seeds, store && { weather: { store } }))
    progress(n + 1)
  }
  for (const variant of mistakes) campaign.variants.push(await hunt(variant, seed))
  campaign.durationMs = Math.round(performance.now() - started)
  return campaign
}

function count(campaign: Campaign, { seed, weather, violation, incidents, presentations, revocations }: Run): void {
  campaign.stores[weather.store] = (campaign.stores[weather.store] ?? 0) + 1
  if (violation !== undefined)
    campaign.violations.push({ invariant: violation.invariant, seed, message: violation.message })
  campaign.presentations += presentations
  campaign.revocations += revocations
  for (const [incident, times] of incidents) {
    campaign.incidents[incident] = (campaign.incidents[incident] ?? 0) + times
  }
}

/** Runs a known mistake until the rules notice it. */
async function hunt(variant: Variant, seed: number): Promise<Campaign['variants'][number]> {
  const { name } = variant
  for (let n = 0; n < patience; n++) {
    const { violation } = await simulate((seed + n) % seeds, { sabotage: variant })
    if (violation !== undefined) return { name, caught: true, runsToCatch: n + 1, invariant: violation.invariant }
  }
  return { name, caught: false, runsToCatch: null, invariant: null }
}
