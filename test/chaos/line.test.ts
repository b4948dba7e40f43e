import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openLink } from '../services/link.ts'

test('a line that is slow no longer lets nothing overtake what is still on its way', async () => {
  let heard = ''
  let told = (): void => {}
  const server = createServer((socket) =>
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text
      told()
    }),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  const link = await openLink({ port: address.port })
  const client = connect(link.port, '127.0.0.1').setNoDelay()
  onTestFinished(async () => {
    client.destroy()
    await link.close()
    server.close()
  })
  await once(client, 'connect')
  const all = new Promise<void>((resolve) => {
    told = () => void (heard.length === 6 && resolve())
  })
  for (const [at, text] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
    link.latency = at < 3 ? 50 : 0
    // One chunk each: the link has it before the next one is sent.
    client.write(text)
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }
  await all
  expect(heard).toBe('abcdef')
})
