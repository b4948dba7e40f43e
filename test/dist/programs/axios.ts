import { withBearer } from '@tokenflight/axios'
import axios from 'axios'
import { createTokenManager, refreshTokenGrant } from 'tokenflight'

async function start(): Promise<void> {
  const { tokenEndpoint, apiUrl, signIn } = JSON.parse(process.env['TEST_SCENE'] ?? '')
  const tokens = createTokenManager({ grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
  const api = withBearer(axios.create({ baseURL: apiUrl }), tokens)
  await tokens.setTokens(signIn)
  const answers = await Promise.all([1, 2, 3].map((n) => api.get(`/${n}`)))
  console.log(answers.map(({ status }) => status).join())
}

void start()
