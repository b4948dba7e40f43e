import { withBearer } from '@tokenflight/got'
import got from 'got'
import { createTokenManager, refreshTokenGrant } from 'tokenflight'

async function start(): Promise<void> {
  const { tokenEndpoint, apiUrl, signIn } = JSON.parse(process.env['TEST_SCENE'] ?? '')
  const tokens = createTokenManager({ grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
  const api = withBearer(got.extend({ prefixUrl: apiUrl }), tokens)
  await tokens.setTokens(signIn)
  const answers = await Promise.all([1, 2, 3].map((n) => api.get(`${n}`)))
  console.log(answers.map(({ statusCode }) => statusCode).join())
}

void start()
