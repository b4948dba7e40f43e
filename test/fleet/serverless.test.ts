import { createTokenManager, createTokenManagers } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { startProgram } from '../processes/program.ts'
import { type Engine, type EngineKind, openEngines, openStore } from './engine.ts'
import { type Fleet, openFleet } from './fleet.ts'

const engines = openEngines()
afterAll(() => engines.close())

async function open(kind: EngineKind, skip: (note: string) => void): Promise<{ engine: Engine; fleet: Fleet }> {
  const engine = await engines.open(kind)
  if (engine === undefined) {
    skip(`there is no ${kind} here`)
    throw new Error('skipped')
  }
  const fleet = await openFleet(engine)
  onTestFinished(() => fleet.close())
  return { engine, fleet }
}

describe.each(['file', 'redis', 'postgres'] as const)(
  'P2 a process for each request, with its credential in %s',
  (kind) => {
    // Sooner than after the 30 s at which a look that nobody answers is given up.
    test.each([true, false])(
      'ends by itself, and three at a time refresh once (hints: %s)',
      async (hints) => {
        const { engine, fleet } = await open(kind, (note) => onTestFinished(() => console.warn(note)))
        const { tokenEndpoint } = fleet.server
        const starts = Array.from({ length: 3 }, () => {
          const setup = { engine, key: 'user-1', tokenEndpoint, hints }
          const program = startProgram({
            module: new URL('cold-start.ts', import.meta.url),
            args: [JSON.stringify(setup)],
          })
          onTestFinished(async () => void (await program.kill()))
          return program
        })
        const ends = await Promise.all(starts.map(({ ended }) => ended))
        expect(ends, starts.map(({ stderr }) => stderr).join('\n')).toEqual(
          starts.map(() => ({ code: 0, signal: null })),
        )
        const token = (await fleet.stored())?.tokens?.accessToken
        expect(starts.map(({ stdout }) => stdout)).toEqual(starts.map(() => token))
        expect(fleet.server.tokenRequests).toBe(1)
      },
      28_000,
    )
  },
)

describe.each(['redis', 'postgres'] as const)('S4 an instance that is frozen, with its credential in %s', (kind) => {
  test('and thaws long after its claim was taken over presents nothing and overwrites nothing', async ({ skip }) => {
    const { fleet } = await open(kind, skip)
    const policy = { refreshTimeout: 1_000, claimTtl: 1_500, settle: 10, coolDown: 0 }
    const [frozen, other] = await Promise.all([
      fleet.startProcess(1, { policy, standsAt: 'claimed' }),
      fleet.startProcess(1, { policy }),
    ])
    frozen.call(5)
    await frozen.hear('reached')
    frozen.signal('SIGSTOP')
    other.call(5)
    const [meanwhile] = await other.hear('answered')
    const before = await fleet.stored()
    frozen.signal('SIGCONT')
    frozen.go()
    const [late] = await frozen.hear('answered')
    expect(late?.outcomes).toEqual(meanwhile?.outcomes)
    expect((await fleet.stored())?.tokens).toEqual(before?.tokens)
    expect([fleet.presentations(), fleet.server.tokenRequests]).toEqual([1, 1])
  })
})

describe('isolates that may not share a promise across requests', () => {
  test('have managers of their own for each request, and share the store alone', async ({ skip }) => {
    const { engine, fleet } = await open('redis', skip)
    const { store, close } = await openStore(engine, false)
    onTestFinished(close)
    const grant = refreshTokenGrant({ tokenEndpoint: fleet.server.tokenEndpoint, clientId: 'app' })
    const told = await Promise.all(
      Array.from({ length: 10 }, () => createTokenManagers({ store, grant }).for('user-1').getAccessToken()),
    )
    const single = await createTokenManager({ store, grant, key: 'user-1' }).getAccessToken()
    expect(new Set([...told, single].map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(fleet.server.tokenRequests).toBe(1)
  })
})
