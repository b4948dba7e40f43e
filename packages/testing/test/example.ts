import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'

const server = await startAuthorizationServer({ accessTokenLifetime: 60 })
const api = await startResourceServer({ authorizationServer: server })
const { access_token, refresh_token = '' } = await server.signIn()

// Your application starts here: server.tokenEndpoint, client id `app`, api.url.
const call = () => fetch(api.url, { headers: { authorization: `Bearer ${access_token}` } })
const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token })
const refresh = () => fetch(server.tokenEndpoint, { method: 'POST', body })

server.expireAccessTokens()
console.log((await call()).status) // 401

const answers = await Promise.all([refresh(), refresh()])
console.log(answers.filter(({ ok }) => ok).length) // 1
console.log(server.tokenRequests, server.replays, server.isAlive('grant_1')) // 2 1 false

await Promise.all([api.close(), server.close()])
