import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { TokenResponse } from '@tokenflight/core'
import type { Fault, ScriptedAnswer } from '@tokenflight/testing'

/** A real authorization server, whose access tokens live for a second, and a real API. */
export interface Servers {
  readonly tokenEndpoint: string
  readonly api: string
  signIn(subject: string): Promise<TokenResponse>
  /** The API refuses this access token from now on. */
  revokeAccessToken(accessToken: string): Promise<void>
  /** One fault for each of the next token requests. */
  scriptTokens(faults: Fault[]): Promise<void>
  /** The same for the API. */
  scriptApi(answers: ScriptedAnswer[]): void
  close(): Promise<void>
}

interface Ready {
  server: string
  api: string
}

export async function startServers(): Promise<Servers> {
  const child = fork(new URL('servers-process.ts', import.meta.url), {
    execArgv: ['--conditions=@tokenflight/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const [ready]: unknown[] = await once(child, 'message')
  const { server, api } = ready as Ready
  const tell = async (command: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${server}/_simulator/${command}`, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`The simulator answered ${response.status} to ${command}.`)
    return response.json()
  }
  return {
    tokenEndpoint: `${server}/token`,
    api,
    signIn: async (subject) => (await tell('sign-in', { subject })) as TokenResponse,
    revokeAccessToken: async (token) => void (await tell('revoke-access-token', { token })),
    scriptTokens: async (faults) => void (await tell('script', faults)),
    scriptApi: (answers) => void child.send({ type: 'script', answers }),
    async close() {
      process.off('exit', kill)
      const exited = once(child, 'exit')
      kill()
      await exited
    },
  }
}
