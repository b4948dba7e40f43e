import { expectSame, type PeerCase, statusOf } from '../case.ts'

export const requests: readonly PeerCase[] = [
  {
    id: 'A8',
    title: 'A POST that is answered 401 is sent again byte for byte',
    meaning: 'The second attempt has the method and the body of the first.',
    needs: ['client'],
    async run(world) {
      const { api, client } = await world.open()
      const call = client.send({ url: `${api.url}/`, method: 'POST', body: 'x'.repeat(10_000) })
      expectSame('status', await statusOf(call), 200)
      const sent = api.requests.map(({ method, bodyLength }) => [method, bodyLength])
      expectSame('requests', sent, [
        ['POST', 10_000],
        ['POST', 10_000],
      ])
    },
  },
  {
    id: 'A9',
    title: 'A stream that cannot be sent twice is never sent again empty',
    meaning:
      'The first attempt has used the stream up. A second one without a body, which the API accepts, is data loss that looks like success.',
    needs: ['client'],
    async run(world) {
      const { api, client } = await world.open()
      await statusOf(client.send({ url: `${api.url}/`, method: 'POST', body: '12345', stream: true }))
      const accepted = api.requests.filter(({ status }) => status === 200).map(({ bodyLength }) => bodyLength)
      expectSame(
        'accepted bodies',
        accepted.filter((length) => length !== 5),
        [],
      )
    },
  },
  {
    id: 'A9-copied',
    title: 'A stream that is answered 401 succeeds in one call, because it was copied',
    meaning:
      'Convenient, at the price of a copy of every streamed body in memory. With tokenflight it is asked for per request: `replayBody` makes the stream anew.',
    needs: ['client', 'copies'],
    async run(world) {
      const { api, client } = await world.open()
      const call = client.send({ url: `${api.url}/`, method: 'POST', body: '12345', stream: true })
      expectSame('status', await statusOf(call), 200)
      expectSame('accepted body', api.requests.find(({ status }) => status === 200)?.bodyLength, 5)
    },
  },
  {
    id: 'A1',
    title: 'A call to another origin carries no token',
    meaning: 'A link to elsewhere in an answer of the API must not hand the token to a stranger.',
    needs: ['client'],
    async run(world) {
      const { client } = await world.open({ expired: 'no' })
      const foreign = await world.openApi({ protection: 'none' })
      await statusOf(client.send({ url: `${foreign.url}/` }))
      expectSame('tokens seen elsewhere', foreign.requests.filter(({ token }) => token !== undefined).length, 0)
      expectSame('requests elsewhere', foreign.requests.length, 1)
    },
  },
  {
    id: 'A1-redirect',
    title: 'A redirect to another origin that answers 401 gets no token and costs no refresh',
    meaning: 'What the other origin thinks of a request without a token says nothing about the token.',
    needs: ['client'],
    async run(world) {
      const { server, api, client } = await world.open({ expired: 'no' })
      const foreign = await world.openApi({ protection: 'refuse_all' })
      await statusOf(client.send({ url: `${api.url}/redirect?to=${encodeURIComponent(`${foreign.url}/`)}` }))
      expectSame('tokens seen elsewhere', foreign.requests.filter(({ token }) => token !== undefined).length, 0)
      expectSame('token requests', server.tokenRequests, 0)
    },
  },
  {
    id: 'A5',
    title: 'A POST answered 303 to another origin, and there 401, creates one order',
    meaning: 'The order was taken by the first origin. Sending all of it again because of the second one buys twice.',
    needs: ['client'],
    async run(world) {
      const { api, client } = await world.open({ expired: 'no' })
      const receipts = await world.openApi({ protection: 'refuse_all' })
      const url = `${api.url}/redirect?status=303&to=${encodeURIComponent(`${receipts.url}/`)}`
      await statusOf(client.send({ url, method: 'POST', body: 'order=1' }))
      expectSame('orders', api.requests.filter(({ method }) => method === 'POST').length, 1)
    },
  },
  {
    id: 'A5-scope',
    title: 'A 401 that says insufficient_scope costs no refresh',
    meaning: 'A new token has the same scope (RFC 6750 section 3.1), so the refresh changes nothing.',
    needs: ['client'],
    async run(world) {
      const challenge = 'Bearer error="insufficient_scope", scope="admin"'
      const { server, api, client } = await world.open({ expired: 'no', api: { challenge, protection: 'refuse_all' } })
      expectSame('status', await statusOf(client.send({ url: `${api.url}/` })), 401)
      expectSame('token requests', server.tokenRequests, 0)
    },
  },
  {
    id: 'A6',
    title: 'With one connection to an origin that also has the token endpoint, a large 401 does not block the refresh',
    meaning:
      'Pools are finite. A 401 whose body nobody reads keeps its connection, and the refresh waits for that connection.',
    needs: ['client'],
    async run(world) {
      const { api, client } = await world.open({ single: true, api: { sameOrigin: true, refusalBytes: 300_000 } })
      expectSame('status', await statusOf(client.send({ url: `${api.url}/` })), 200)
    },
  },
  {
    id: 'A8-retry',
    title: "A 401 after the client's own retry of a 503 is answered with a new token too",
    meaning: "Two troubles in one call, and each has its own remedy: neither may use up the other's attempt.",
    needs: ['client', 'retry'],
    async run(world) {
      const { api, client } = await world.open()
      api.script([503])
      expectSame('status', await statusOf(client.send({ url: `${api.url}/` })), 200)
    },
  },
]
