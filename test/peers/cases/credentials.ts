import { expectSame, longEnough, numbered, type PeerCase, statusOf } from '../case.ts'
import { openProcess } from '../process.ts'

export const credentials: readonly PeerCase[] = [
  {
    id: 'F7',
    title: 'After a refresh that failed, the next call works',
    meaning: 'A token endpoint that is away for a moment must not leave the client broken until it is started anew.',
    needs: [],
    async run(world) {
      const { server, api, client } = await world.open({ expired: 'known' })
      server.script([{ fault: 'unavailable', retryAfter: 0 }])
      await statusOf(client.send({ url: `${api.url}/1` }))
      expectSame('next call', await statusOf(client.send({ url: `${api.url}/2` })), 200)
    },
  },
  {
    id: 'R1',
    title: 'An answer without a refresh token leaves the old one in use',
    meaning:
      'The answer may leave the refresh token out (RFC 6749 section 6). Whoever forgets the old one then is signed out at the next expiry.',
    needs: ['answers'],
    async run(world) {
      const server = { rotation: false, unrotated: 'omitted', accessTokenLifetime: 1 } as const
      const { server: simulator, api, client } = await world.open({ expired: 'known', server })
      for (const n of numbered(3)) {
        expectSame('status', await statusOf(client.send({ url: `${api.url}/${n}` })), 200)
        // Until the access token has run out: this is about the next refresh.
        await longEnough(1100)
      }
      expectSame('outcomes', [...new Set(simulator.requests.map(({ outcome }) => outcome))], ['redeemed'])
      expectSame('a refresh for each call', simulator.tokenRequests >= 3, true)
    },
  },
  {
    id: 'S2',
    title: 'Two processes on one credential file make one refresh, and both succeed',
    meaning: 'Two terminals, an editor and a cron job share one login. Each knows nothing of the others but the file.',
    needs: ['file'],
    async run(world) {
      const { server, api, file } = await world.open({ expired: 'known', file: true })
      const setup = { api: api.url, tokenEndpoint: server.tokenEndpoint, file }
      const processes = await Promise.all([1, 2].map(() => openProcess(world, setup)))
      const held = server.hold('before')
      const calls = processes.map((process, n) => process.send({ url: `${api.url}/${n}` }))
      await held.arrived
      // Time for the other to look, and to ask if it means to.
      await longEnough(500)
      held.release()
      expectSame('statuses', await Promise.all(calls), [200, 200])
      expectSame('token requests, replays', [server.tokenRequests, server.replays], [1, 0])
    },
  },
  {
    id: 'R4',
    title: 'Who is refused because another one was faster uses what that one has stored',
    meaning: 'Who lost the race is signed in all the same, and finds so where the winner has put the tokens.',
    needs: ['file'],
    async run(world) {
      const { server, api, client, file, signedIn } = await world.open({
        expired: 'known',
        file: true,
        server: { reuseDetection: false },
      })
      const held = server.hold('before')
      const call = statusOf(client.send({ url: `${api.url}/` }))
      await held.arrived
      const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: signedIn.refresh_token ?? '' }
      const winner = await fetch(server.tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) })
      await world.library.seed?.(file, await winner.json())
      held.release()
      expectSame('status', await call, 200)
    },
  },
]
