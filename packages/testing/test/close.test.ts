import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { authorizationServer, resourceServer } from './servers.ts'
import { refresh } from './token-client.ts'

const program = `
  import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
  const server = await startAuthorizationServer({ latencyAfter: 60_000 })
  const api = await startResourceServer({ authorizationServer: server })
  server.script([{ fault: 'hang' }, { fault: 'hang', consume: true }])
  const heldToken = server.hold('before', { nth: 3 })
  const heldApi = api.hold('after')
  const never = [server.waitFor(() => false), api.waitFor(() => false), server.hold('after', { nth: 99 }).arrived]
  const { access_token, refresh_token } = await server.signIn()
  const form = () => new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token })
  const requests = Array.from({ length: 20 }, () => fetch(server.tokenEndpoint, { method: 'POST', body: form() }))
  requests.push(fetch(api.url, { headers: { authorization: 'Bearer ' + access_token } }))
  await Promise.all([server.waitFor(({ number }) => number === 20), heldToken.arrived, heldApi.arrived])
  await Promise.all([server.close(), api.close(), server.close()])
  const settled = await Promise.allSettled([...requests, ...never])
  const open = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap')
  console.log(JSON.stringify({ settled: settled.map(({ status }) => status), open }))
`

describe('close', () => {
  test('drops hanging, held and slow requests, leaves no handle, and the process ends by itself', async () => {
    const words = [
      '--conditions=@tokenflight/source',
      '--unhandled-rejections=strict',
      '--input-type=module',
      '-e',
      program,
    ]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { cwd: import.meta.dirname })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ settled: Array(24).fill('rejected'), open: [] })
  })

  test('a held request that the close drops is not processed any more', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    const held = server.hold('before')
    const answer = refresh(server, refresh_token)
    const failed = expect(answer).rejects.toThrow()
    await held.arrived
    await server.close()
    await failed
    held.release()
    await new Promise((resolve) => setImmediate(resolve))
    expect(server.state().grants[0]?.refreshTokens[0]?.spent).toBe(false)
  })

  test('idle connections do not keep it open', async () => {
    const api = await resourceServer({ protection: 'none' })
    await (await fetch(api.url)).text()
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await api.close()
    await closed
    await expect(fetch(api.url)).rejects.toThrow()
  })

  test('a request that breaks off half-way is no request', async () => {
    const server = await authorizationServer()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const head =
      'POST /token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 99\r\n\r\n'
    await new Promise((resolve) => socket.write(`${head}grant_type=`, resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.destroy()
    await closed
    const { refresh_token } = await server.signIn()
    expect((await refresh(server, refresh_token)).status).toBe(200)
    expect(server.tokenRequests).toBe(1)
  })

  test('a port can be chosen, and is free again afterwards', async () => {
    const first = await authorizationServer()
    const port = Number(new URL(first.url).port)
    await expect(authorizationServer({ port })).rejects.toThrow('EADDRINUSE')
    await first.close()
    const second = await authorizationServer({ port })
    expect(second.url).toBe(first.url)
  })
})
