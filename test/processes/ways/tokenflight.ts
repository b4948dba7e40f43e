import { createTokenManager, forResource, type TokenEvent } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'
import type { Report, Setup } from '../messages.ts'
import { watchSteps } from '../steps.ts'
import type { Way } from './way.ts'

export interface Hooks {
  onEvent(event: TokenEvent): void
  onJudged(state: Extract<Report, { type: 'judged' }>['state']): void
  stand(): Promise<void>
}

/** What this project does: as an application sets it up, with places to look in and to stand still at. */
export function tokenflight(setup: Setup, hooks: Hooks): Way {
  const { path, tokenEndpoint, clientId, api, policy, grace = 0, mutexTimeout = 2000, pretendsNamespace } = setup
  let standsAt = setup.standsAt
  const steps = watchSteps(path, async (step) => {
    if (step !== standsAt) return
    standsAt = undefined
    await hooks.stand()
  })
  const file = fileStore(path, { operations: steps.operations, mutexTimeout })
  const tokens = createTokenManager({
    grant: steps.grant(refreshTokenGrant({ tokenEndpoint, clientId, grace })),
    store: steps.store({
      ...file,
      holder: () => ({ ...file.holder(), ...(pretendsNamespace && { namespace: pretendsNamespace }) }),
      async holderState(holder) {
        const state = await file.holderState(holder)
        hooks.onJudged(state)
        return state
      },
    }),
    onEvent: hooks.onEvent,
    ...policy,
  })
  return {
    async token(rejected, resource) {
      const source = resource === undefined ? tokens : forResource(tokens, resource)
      return (await source.getAccessToken({ rejected })).accessToken
    },
    fetch: withBearer(fetch, tokens, { origins: api }),
  }
}
