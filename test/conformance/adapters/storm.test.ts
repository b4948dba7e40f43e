import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clients, type StormInput, type StormOutput } from './storm-process.ts'

const program = fileURLToPath(new URL('storm-process.ts', import.meta.url))
const calls = 200
// Of a program that does not end by itself.
const patience = 50_000

describe.each(Object.keys(clients))('F1 P2 a program of 200 calls with an expired token, %s', (client) => {
  it('makes one refresh, warns of nothing, and ends by itself: nothing is left open', async () => {
    const server = await startAuthorizationServer()
    const api = await startResourceServer({ authorizationServer: server })
    onTestFinished(async () => void (await Promise.all([api.close(), server.close()])))
    const signIn = await server.signIn()
    // Refused by the API, while the program takes it for good: every call has a 401 of its own.
    server.expireAccessTokens()
    const input: StormInput = { client, signIn, tokenEndpoint: server.tokenEndpoint, api: api.url, calls }
    const args = ['--conditions=@tokenflight/source', '--trace-warnings', program, JSON.stringify(input)]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: patience })
    const output: StormOutput = JSON.parse(stdout)
    expect(stderr).toBe('')
    expect(output.statuses).toEqual(Array(calls).fill(200))
    expect([server.tokenRequests, server.replays]).toEqual([1, 0])
    expect(api.requests.filter(({ status }) => status === 401).length).toBeGreaterThan(1)
  })
})
