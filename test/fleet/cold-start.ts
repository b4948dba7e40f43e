import { createTokenManagers } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { type Engine, openStore } from './engine.ts'

// One request in a process of its own. It closes its database client, as it would without us, and nothing of ours.

const { engine, key, tokenEndpoint, hints }: { engine: Engine; key: string; tokenEndpoint: string; hints: boolean } =
  JSON.parse(process.argv[2] ?? '')
process.channel?.unref()

const { store, close } = await openStore(engine, hints)
const managers = createTokenManagers({
  store,
  grantFor: async () => refreshTokenGrant({ tokenEndpoint, clientId: 'app' }),
})
const { accessToken } = await managers.for(key).getAccessToken()
if (engine.kind !== 'file') await close()
process.stdout.write(accessToken)
