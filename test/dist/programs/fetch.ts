import { createTokenManager, refreshTokenGrant, withBearer } from 'tokenflight'

async function start(): Promise<void> {
  const { tokenEndpoint, apiUrl, signIn } = JSON.parse(process.env['TEST_SCENE'] ?? '')
  const tokens = createTokenManager({ grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
  const api = withBearer(fetch, tokens, { origins: apiUrl })
  await tokens.setTokens(signIn)
  const answers = await Promise.all([1, 2, 3].map((n) => api(`${apiUrl}/${n}`)))
  console.log(answers.map(({ status }) => status).join())
}

void start()
