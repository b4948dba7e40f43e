import { createTokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { watchSteps } from '../../processes/steps.ts'
import type { History } from '../history.ts'
import type { Setup } from '../messages.ts'
import { type Moment, watchSending } from '../moments.ts'
import type { Random } from '../random.ts'
import { recorder } from '../recorder.ts'
import { sickDisk } from '../sick-disk.ts'
import { openPlace } from '../stores/place.ts'
import type { WayName } from '../way-names.ts'

/** One way of getting a token, as a process of the run has it. */
export interface Way {
  token(options?: { rejected?: string; signal?: AbortSignal }): Promise<string>
  /** Its own disk is sound from now on. */
  heal(): void
  /** What an application does before it ends. */
  close(): Promise<void>
}

/** @param reach Called at every moment of a refresh of ours. */
export async function openWay(
  setup: Setup,
  history: History,
  disk: Random,
  reach: (moment: Moment) => void,
): Promise<Way> {
  if (setup.way === 'tokenflight') return await openOurs(setup, history, disk, reach)
  if (setup.place.store !== 'file') throw new Error(`${setup.way} is there for files only.`)
  const { tokenEndpoint, clientId } = setup
  const get = await openOther(setup.way, { path: setup.place.path, tokenEndpoint, clientId })
  return { token: (options) => get(options?.rejected), heal() {}, close: async () => {} }
}

/** A process loads only what it needs: hundreds of them start in a run. */
async function openOther(
  way: Exclude<WayName, 'tokenflight'>,
  own: { path: string; tokenEndpoint: string; clientId: string },
): Promise<(rejected?: string) => Promise<string>> {
  switch (way) {
    case 'naive':
      return (await import('../../processes/ways/naive.ts')).naive(own).token
    case 'refresh-guard':
      return (await import('../../processes/ways/refresh-guard.ts')).refreshGuard(own).token
    case '@badgateway/oauth2-client':
      return (await import('./badgateway.ts')).badgateway(own)
  }
}

async function openOurs(
  { place, sick, tokenEndpoint, clientId, graceMs: grace, policy }: Setup,
  history: History,
  random: Random,
  reach: (moment: Moment) => void,
): Promise<Way> {
  const { pid } = process
  const disk = sick && place.store === 'file' ? sickDisk(random, history) : undefined
  const steps = watchSteps(place.store === 'file' ? place.path : '', reach, disk?.operations)
  const sending = watchSending(reach)
  const record = recorder(history)
  const { store, close } = await openPlace(place, steps.operations)
  const tokens = createTokenManager({
    store: steps.store(record.store(sending.store(store))),
    grant: steps.grant(record.grant(sending.grant(refreshTokenGrant({ tokenEndpoint, clientId, grace })))),
    onEvent: (event) => history.write({ type: 'event', pid, event }),
    ...policy,
  })
  return {
    token: async (options) => (await tokens.getAccessToken(options)).accessToken,
    heal: () => disk?.heal(),
    close,
  }
}
