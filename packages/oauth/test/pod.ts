import { createTokenManager } from '@tokenflight/core'
import { clientCredentialsGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'

// One of several copies of a service. Told that so many milliseconds have passed, it asks for tokens and answers with what it was given.

const [, , file = '', tokenEndpoint = ''] = process.argv
let passed = 0
const tokens = createTokenManager({
  store: fileStore(file),
  clock: () => Date.now() + passed,
  grant: clientCredentialsGrant({ tokenEndpoint, clientId: 'service', clientSecret: 'example only' }),
})

async function ask(): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 5 }, () => tokens.getAccessToken()))
  process.send?.([...new Set(answers.map(({ accessToken }) => accessToken))])
}

process.on('message', (ms: number) => {
  passed += ms
  void ask()
})
process.on('disconnect', () => void tokens.close())
process.send?.('ready')
