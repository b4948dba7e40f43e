import { expectSame, longEnough, numbered, type PeerCase, statusOf } from '../case.ts'

/** Milliseconds that a token endpoint takes; without them, it would depend on chance which 401 arrives during a refresh. */
const slow = { latencyBefore: 200 }

export const sharing: readonly PeerCase[] = [
  {
    id: 'one-401',
    title: 'A call that is answered 401 is sent again with a new token',
    meaning: 'The least that all of them promise: an expired token is no concern of the code that calls the API.',
    needs: ['client'],
    async run(world) {
      const { server, api, client } = await world.open()
      expectSame('status', await statusOf(client.send({ url: `${api.url}/` })), 200)
      expectSame('token requests', server.tokenRequests, 1)
    },
  },
  {
    id: 'F1',
    title: '25 calls at once with a token that is known to have expired make one refresh',
    meaning:
      'Everybody sees by the clock that the token is over. A second refresh would present a spent refresh token, and a strict authorization server ends the login for that.',
    needs: [],
    async run(world) {
      const { server, api, client } = await world.open({ expired: 'known', server: slow })
      const calls = numbered(25).map((n) => statusOf(client.send({ url: `${api.url}/${n}` })))
      expectSame('succeeded', (await Promise.all(calls)).filter((status) => status === 200).length, 25)
      expectSame('token requests, replays', [server.tokenRequests, server.replays], [1, 0])
    },
  },
  {
    id: 'F2',
    title: '25 calls at once that are answered 401 make one refresh, and all succeed',
    meaning: 'The same, but only the API knows that the token is over.',
    needs: ['client'],
    async run(world) {
      const { server, api, client } = await world.open({ server: slow })
      const calls = numbered(25).map((n) => statusOf(client.send({ url: `${api.url}/${n}` })))
      expectSame('succeeded', (await Promise.all(calls)).filter((status) => status === 200).length, 25)
      expectSame('token requests, replays', [server.tokenRequests, server.replays], [1, 0])
    },
  },
  {
    id: 'F2-sibling',
    title: 'Calls whose 401 arrives while another one refreshes succeed too',
    meaning:
      'Requests that were under way when the refresh began get their 401 during it. They must wait for it, not fail.',
    needs: ['client'],
    async run(world) {
      const { server, api, client } = await world.open()
      const held = server.hold('before')
      const first = statusOf(client.send({ url: `${api.url}/first` }))
      // They are under way before the first 401 is, and answered after.
      const siblings = numbered(4).map((n) => ({
        gate: api.hold('after', { when: ({ url }) => url === `/${n}` }),
        call: statusOf(client.send({ url: `${api.url}/${n}` })),
      }))
      await Promise.all([held.arrived, ...siblings.map(({ gate }) => gate.arrived)])
      for (const { gate } of siblings) gate.release()
      await Promise.all(
        numbered(4).map((n) => api.waitFor(({ url, phase }) => url === `/${n}` && phase === 'answered')),
      )
      held.release()
      const statuses = await Promise.all([first, ...siblings.map(({ call }) => call)])
      expectSame('statuses', statuses, [200, 200, 200, 200, 200])
      expectSame('token requests', server.tokenRequests, 1)
    },
  },
  {
    id: 'F2-late',
    title: 'A 401 that arrives after the refresh does not cause another one',
    meaning:
      'The 401 of a slow request belongs to the old token. Refreshing for it throws a good token away, and under load every slow request does so.',
    needs: ['client'],
    async run(world) {
      const { server, api, client } = await world.open()
      const held = api.hold('after', { when: ({ url }) => url === '/late' })
      const late = statusOf(client.send({ url: `${api.url}/late` }))
      await held.arrived
      expectSame('quick call', await statusOf(client.send({ url: `${api.url}/quick` })), 200)
      held.release()
      expectSame('late call', await late, 200)
      expectSame('token requests', server.tokenRequests, 1)
    },
  },
  {
    id: 'F6',
    title: 'A caller who aborts while a refresh is under way leaves at once, and nobody else is harmed',
    meaning:
      'Somebody closes the page, or a timeout fires: that call must end now, and all others must still get their token.',
    needs: ['client'],
    async run(world) {
      const { server, api, client } = await world.open()
      const held = server.hold('before')
      const leave = new AbortController()
      const leaving = statusOf(client.send({ url: `${api.url}/leaving`, signal: leave.signal }))
      await held.arrived
      const staying = statusOf(client.send({ url: `${api.url}/staying` }))
      // It cannot be told when it waits: some send it and get a 401, others keep it back.
      await longEnough(100)
      leave.abort()
      const stuck = longEnough(1000).then(() => 'still waiting')
      expectSame('who left', await Promise.race([leaving, stuck]), 'error')
      held.release()
      expectSame('who stayed', await staying, 200)
      expectSame('token requests, replays', [server.tokenRequests, server.replays], [1, 0])
    },
  },
  {
    id: 'F10',
    title: 'An API that refuses every token costs one refresh, not one per call',
    meaning:
      'With a wrong audience or a broken API every call is a 401. A token request for each is what providers throttle and lock out.',
    needs: ['client'],
    async run(world) {
      const { server, api, client } = await world.open({ expired: 'no', api: { protection: 'refuse_all' } })
      const statuses: unknown[] = []
      for (const n of numbered(5)) statuses.push(await statusOf(client.send({ url: `${api.url}/${n}` })))
      expectSame('statuses', statuses, [401, 401, 401, 401, 401])
      expectSame('token requests', server.tokenRequests, 1)
    },
  },
]
