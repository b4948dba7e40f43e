import * as oauth from 'oauth4webapi'
import { client, tokens } from './auth.ts'

// The login is the application's own, with whatever library it likes: here the authorization code flow with PKCE (RFC 7636).

const redirectUri = `${location.origin}/`
const application: oauth.Client = { client_id: client.clientId }
// The issuer of the example is on loopback; yours has https, and needs no such option.
const options = { [oauth.allowInsecureRequests]: true }

async function discover(): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(client.issuer)
  return await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
}

/** Leaves for the authorization server, which sends the browser back here. */
export async function signIn(): Promise<void> {
  const { authorization_endpoint = '' } = await discover()
  const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()]
  sessionStorage.setItem('sign-in', JSON.stringify({ verifier, state }))
  const url = new URL(authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: 'openid',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  location.assign(url)
}

/** Back from there: exchanges the code and hands the answer over. Before React, which may mount twice: a code is good once. */
export async function finishSignIn(): Promise<void> {
  const begun = sessionStorage.getItem('sign-in')
  const here = new URL(location.href)
  if (begun === null || !here.searchParams.has('state')) return
  sessionStorage.removeItem('sign-in')
  history.replaceState(null, '', redirectUri)
  const { verifier, state } = JSON.parse(begun)
  const server = await discover()
  const parameters = oauth.validateAuthResponse(server, application, here, state)
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    application,
    oauth.None(),
    parameters,
    redirectUri,
    verifier,
    options,
  )
  await tokens.setTokens(await oauth.processAuthorizationCodeResponse(server, application, answer))
}
