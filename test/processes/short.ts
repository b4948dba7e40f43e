import { createTokenManager } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'
import type { Setup } from './messages.ts'

// A command-line tool: two API calls, one line, and it is done. It closes nothing, and nothing but what it waits for keeps it alive:
// its channel only carries news to the test.

const { path, tokenEndpoint, clientId, api, policy }: Setup = JSON.parse(process.argv[2] ?? '')
const tell = (news: object): void => void process.send?.(news, undefined, undefined, () => {})
process.channel?.unref()

const tokens = createTokenManager({
  store: fileStore(path),
  grant: refreshTokenGrant({ tokenEndpoint, clientId }),
  onEvent: (event) => tell({ type: 'event', event }),
  ...policy,
})
const call = withBearer(fetch, tokens, { origins: api })
const statuses: number[] = []
for (let calls = 0; calls < 2; calls++) {
  const response = await call(api)
  await response.arrayBuffer()
  statuses.push(response.status)
}
tell({ type: 'done' })
console.log(statuses.join(' '))
